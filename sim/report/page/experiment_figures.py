"""The figures of sweeps, plans and break-even maps as blocks of their pages.

A figure that a result cannot fill (a sweep that varies no number, a plan without sizes) says so with ValueError and is
left out.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from sim.experiment.verdict import number
from sim.report.figures.break_even import break_even_figure, break_even_message
from sim.report.figures.latency_over_load import latency_over_load, latency_over_load_message
from sim.report.figures.meeting import meeting_probability
from sim.report.figures.metric_over import metric_over
from sim.report.figures.reliefs import reliefs_message, reliefs_ranked
from sim.report.figures.retries_over import retries_over
from sim.report.figures.sizing import sizing
from sim.report.page.blocks import Block
from sim.report.page.drawing import Figure, figure_block
from sim.report.page.experiments import swept_range

if TYPE_CHECKING:
    from sim.results import LoadedRun

_RETRIES: Final = "retries_count"


def swept_figures(result: "LoadedRun") -> Iterator[Block]:
    """The metric of the sweep, latency and retries over what is varied."""
    metric = str(result.details["metric"])
    over = Figure(
        name="metric-over", title=f"{metric} over what is varied", draw=partial(metric_over, metric=metric),
        message=lambda found: f"{metric}: {swept_range(found)}.",
        reading="A line a strategy: means over the replications, with bands of 95 % intervals.",
    )  # fmt: skip
    yield from _possible([over, *_SWEPT], result)


def planned_figures(result: "LoadedRun") -> Iterator[Block]:
    """The probability of meeting the objectives over load, the reliefs, what other sizes carry."""
    yield from _possible(_PLANNED, result)


def mapped_figures(result: "LoadedRun") -> Iterator[Block]:
    """The map."""
    yield from _possible([_MAP], result)


def _possible(figures: Sequence[Figure], result: "LoadedRun") -> Iterator[Block]:
    for figure in figures:
        try:
            yield figure_block(figure, result)
        except ValueError:
            continue


def _retries_message(result: "LoadedRun") -> str:
    """Which strategy repeats most, and where."""
    rows = result.summary[result.summary["metric"].str.startswith(_RETRIES)]
    most = rows.sort_values("mean").iloc[-1] if len(rows) else None
    if most is None or not most["mean"] > 0:
        raise ValueError("nothing was repeated at any point")
    paths = list(result.summary.columns[: list(result.summary.columns).index("metric")])
    place = ", ".join(f"{path} = {most[path]:g}" if not isinstance(most[path], str) else most[path] for path in paths)
    cause = most["metric"].split(".")[1].replace("_", " ")
    return (
        f"Most is repeated under {most['strategy']} at {place}: {number(most['mean'])} times a replication ({cause})."
    )


def _meeting_message(result: Any) -> str:
    """Up to which load each strategy meets the objectives, on average and in 95 % of the replications."""
    unit = result.details["scale"]["unit"]
    told = [
        f"{part['strategy']} up to {part['mean']:.3g} {unit} on average and {part['met_in_95_percent']:.3g} in "
        "95 % of them"
        for part in result.details["strategies"]
        if part["mean"] is not None and part["met_in_95_percent"] is not None
    ]
    return (
        f"The replications meet the objectives under {'; under '.join(told)}."
        if told
        else str(result.details["sentence"])
    )


def _reliefs_message(result: Any) -> str:
    """It may begin with a small word, and is a sentence here."""
    said = reliefs_message(result)
    return f"{said[0].upper()}{said[1:]}" if said.startswith("under ") else said


def _sizing_message(result: Any) -> str:
    sizes = [row for row in result.details["sizing"] if row["mean"] is not None]
    if not sizes:
        raise ValueError("no size carries a load")
    best = max(sizes, key=lambda row: float(row["mean"]))
    return f"The most is carried under {best['strategy']}: {best['mean']:.3g} {result.details['scale']['unit']}."


_SWEPT: Final = (
    Figure(
        name="latency-over-load", title="Latency over load", draw=latency_over_load, message=latency_over_load_message,
        reading="p95 as a line, from p50 to p99 shaded; the axis is logarithmic. At a knee p95 has doubled.",
    ),
    Figure(
        name="retries-over", title="What is repeated", draw=retries_over, message=_retries_message,
        reading="Retries in 100 operations, by cause and strategy; bands are 95 % intervals.",
    ),
)  # fmt: skip
_PLANNED: Final = (
    Figure(
        name="meeting", title="Which load meets the objectives", draw=meeting_probability, message=_meeting_message,
        reading="The share of replications that meet every objective, over load.",
    ),
    Figure(
        name="reliefs", title="What would help", draw=reliefs_ranked, message=_reliefs_message,
        reading="How much more load a little more of a resource lets through, with 95 % intervals.",
    ),
    Figure(
        name="sizes", title="What other sizes carry", draw=sizing, message=_sizing_message,
        reading="The highest load that meets the objectives, for each size; bars are 95 % intervals.",
    ),
)  # fmt: skip
_MAP: Final = Figure(
    name="break-even", title="The break-even map, drawn", draw=break_even_figure, message=break_even_message,
    height_px=lambda result: 110 + 62 * len({cell["bind_median_s"] for cell in result.details["cells"]}),
    reading=(
        "Blue: the second strategy is faster; vermillion: slower; pale: the interval leaves it open; hatched: a "
        "strategy was saturated."
    ),
)  # fmt: skip
