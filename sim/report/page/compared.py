"""The page of `run` and `compare`: verdict, table, figures from the tables, what the checker says."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from sim.experiment.verdict import number
from sim.metrics.registry import lookup
from sim.report.figures.episode import telling_episode
from sim.report.figures.hold_times import hold_time_ecdf, hold_time_message
from sim.report.figures.operation_time import (
    operation_time,
    operation_time_bars,
    operation_time_height_px,
    operation_time_message,
    part_words,
    shown_parts,
)
from sim.report.figures.resource_use import resource_use, resource_use_height_px, resource_use_message
from sim.report.figures.sentences import counted
from sim.report.figures.space_time import space_time, space_time_height_px, space_time_message
from sim.report.page.blocks import Block, Cell, Grid
from sim.report.page.checked import verdict_blocks
from sim.report.page.drawing import Figure, figure_block
from sim.report.page.metric_table import metric_table

if TYPE_CHECKING:
    from sim.results import LoadedRun


def compared_verdict(result: "LoadedRun") -> str:
    """The verdict's sentence; of a single strategy the primary metric's value with its interval."""
    verdict = result.details["verdict"]
    return str(verdict["sentence"]) if verdict["words"] else _value(result, str(verdict["metric"]))


def compared_remarks(result: "LoadedRun") -> Iterator[str]:
    """How replications ended that did not end well, and whether every replication had the same arrivals."""
    for strategy, told in result.details["strategies"].items():
        runs = told["runs"]
        for ending in sorted({run["outcome"] for run in runs} - {"ok"}):
            ended = [run for run in runs if run["outcome"] == ending]
            yield f"{strategy}: {ending} in {len(ended)} of {counted(len(runs), 'replication')}{_first(ended[0])}."
    if result.manifest["scenario"]["workload"]["arrivals"].get("trace") is not None:
        yield "Conditional on this trace: every replication has the same arrivals."


def compared_blocks(result: "LoadedRun") -> Iterator[Block]:
    """Everything between the verdict and how it was made."""
    yield metric_table(result)
    if (result.folder / "operations.parquet").is_file():
        for figure in _FIGURES:
            yield figure_block(figure, result)
    else:
        yield Block(
            anchor="figures", title="Figures",
            message="None: the result was kept without its tables. Run the command below again to have them.",
        )  # fmt: skip
    yield from verdict_blocks(result)


def _value(result: "LoadedRun", metric: str) -> str:
    rows = result.summary[result.summary["metric"] == metric].to_dict("records")
    if not rows or rows[0]["mean"] != rows[0]["mean"]:
        return f"{metric} has no value: {rows[0]['note'] if rows else 'nobody saw it'}."
    row: dict[Any, Any] = rows[0]
    count = len(next(iter(result.details["strategies"].values()))["runs"])
    has_interval = row["low"] == row["low"]
    interval = f"95 % interval {number(row['low'])} to {number(row['high'])}, " if has_interval else ""
    unit = _unit(row["metric"])
    alone = ", so there is no interval" if count == 1 else ""
    said = f"{metric} is {number(row['mean'])}{unit} under {row['strategy']}"
    return f"{said} ({interval}{counted(count, 'replication')}{alone})."


def _unit(metric: str) -> str:
    unit = lookup(metric).unit
    return f" {unit}" if unit else ""


def _first(run: dict[str, Any]) -> str:
    since = run["saturated_from_s"]
    begins = "" if since is None else f" from t = {number(since)} s"
    stall = f"; {'; '.join(run['stall'])}" if run["stall"] else ""
    return f", the first{begins} with {run['unfinished']} unfinished{stall}"


def _parts_table(result: "LoadedRun") -> Grid:
    """The numbers of the bars, in seconds, with the sum that the figure shows."""
    bars = operation_time_bars(result)
    parts = shown_parts(bars)
    rows = tuple(
        (
            f"{bar.kind}, {bar.strategy}",
            (*(Cell(text=number(bar.part_s(part))) for part in parts), Cell(text=number(bar.latency_s))),
        )
        for bar in bars
    )
    return Grid(columns=(*(f"{part_words(part)} s" for part in parts), "latency s"), rows=rows)


def _space_time_reading(result: Any) -> str:
    episode = telling_episode(result)
    rule = "" if episode is None else f"{episode.rule} "
    return (
        f"{rule}Each lane is an operation, time runs to the right. A box is a transaction, from BEGIN to the end of "
        "COMMIT; green is a driver's call, hatched a wait for a row lock. Where another strategy is drawn below, it is "
        "the same operations at the same arrivals."
    )


_FIGURES: Final = (
    Figure(
        name="hold-times", title="How long transactions are held", draw=hold_time_ecdf, message=hold_time_message,
        reading=(
            "A point says which share of the transactions is held for at most that long, from BEGIN to the end of "
            "COMMIT or ROLLBACK. The axis is logarithmic, the replications are pooled; markers stand at 50 % and 95 %."
        ),
    ),
    Figure(
        name="operation-time", title="Where the time of an operation goes", draw=operation_time,
        message=operation_time_message, height_px=operation_time_height_px, numbers=_parts_table,
        reading=(
            "A bar is the mean latency of a kind of operation, from the intended start to the answer, replications "
            "pooled. Its parts add up to it. Waits are hatched. What was never answered is not in it."
        ),
    ),
    Figure(
        name="space-time", title="The most telling episode", draw=space_time, message=space_time_message,
        height_px=space_time_height_px, reading=_space_time_reading,
    ),
    Figure(
        name="resource-use", title="Resources over time", draw=resource_use, message=resource_use_message,
        height_px=resource_use_height_px,
        reading=(
            "How many places of a resource are in use: the mean over the replications in each of 200 slices of time. "
            "Each band has its own scale, from 0 to the highest that is written beside its name."
        ),
    ),
)  # fmt: skip
