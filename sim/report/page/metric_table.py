"""The table of strategies by metrics, from summary.csv: values with intervals and units, differences below them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from sim.experiment.verdict import number
from sim.metrics.registry import lookup
from sim.report.figures.hold_times import replications_of
from sim.report.figures.sentences import counted, listed
from sim.report.page.blocks import Block, Cell, Grid, TableBlock
from sim.report.rows import shown_metrics

if TYPE_CHECKING:
    from sim.results import LoadedRun

_Row = dict[Any, Any]
_LOAD: Final = (
    "throughput_per_s", "goodput_per_s", "errors_count", "unfinished_count", "stalls_count", "saturated_from_s",
)  # fmt: skip
_GROUPS: Final = (
    ("Load", _LOAD),
    ("Latency", ("latency_s",)),
    ("Binding", ("attempts_per_binding_count", "driver_calls_count", "give_ups_count", "retries_count")),
    ("Lost bindings", ("lost_bindings_count", "unbound_window_s", "double_owner_s")),
    ("Transactions", ("hold_time_s", "hold_share_ratio", "lock_wait_s", "pool_wait_s")),
)  # fmt: skip
_NONE = "none seen"


def metric_table(result: "LoadedRun") -> Block:
    """Every metric that the terminal shows too. Counts that nobody ever saw share one sentence instead of rows."""
    strategies = list(result.details["strategies"])
    known = _known(result)
    shown = [(metric, label) for metric, label in shown_metrics(list(known)) if metric in known]
    unseen = [label for metric, label in shown if all(_is_unseen(known[metric][name]) for name in strategies)]
    seen = [(metric, label) for metric, label in shown if label not in unseen]
    grids = tuple(
        (heading, Grid(columns=tuple(strategies), rows=rows))
        for heading, families in _GROUPS
        if (rows := tuple(_rows([each for each in seen if each[0].split(".")[0] in families], known, strategies)))
    )
    return TableBlock(
        anchor="metrics", title="Strategies by metrics", message=_best(known, shown, strategies), grids=grids,
        notes=(_how(result, strategies), *_notes(result, unseen, strategies)),
    )  # fmt: skip


def _best(known: dict[str, dict[str, _Row]], shown: list[tuple[str, str]], strategies: list[str]) -> str:
    """Of how many metrics each strategy is best, with intervals that say so."""
    if len(strategies) == 1:
        return f"{len(shown)} metrics of {strategies[0]}."
    if all(_is_missing(row["difference_low"]) for rows in known.values() for row in rows.values()):
        return f"{len(shown)} metrics of {listed(strategies)}; too few replications to call one the best."
    counts = {name: sum(_is_best(known[metric][name]) for metric, _ in shown) for name in strategies}
    told = listed([f"{name} in {count}" for name, count in counts.items()])
    return f"Best beyond doubt, of {len(shown)} metrics: {told}."


def _is_best(row: _Row) -> bool:
    return str(row["best"]) == "True"


def _known(result: "LoadedRun") -> dict[str, dict[str, _Row]]:
    known: dict[str, dict[str, _Row]] = {}
    for row in result.summary.to_dict("records"):
        known.setdefault(str(row["metric"]), {})[str(row["strategy"])] = row
    return known


def _rows(
    metrics: list[tuple[str, str]], known: dict[str, dict[str, _Row]], strategies: list[str]
) -> Iterator[tuple[str, tuple[Cell, ...]]]:
    for metric, label in metrics:
        rows = [known[metric][name] for name in strategies]
        unit = lookup(metric).unit
        yield label.removesuffix(f" {unit}") if unit else label, tuple(_cell(row, unit) for row in rows)


def _cell(row: _Row, unit: str) -> Cell:
    if _is_missing(row["mean"]):
        return Cell(text="-", below=str(row["note"]))
    if _is_unseen(row):
        return Cell(text=_NONE)
    text = f"{number(row['mean'])} {unit}".rstrip() + _interval(row["low"], row["high"])
    return Cell(text=text, below=_difference(row, unit), mark="best" if _is_best(row) else "")


def _interval(low: float, high: float) -> str:
    return "" if _is_missing(low) or _is_missing(high) else f" [{number(low)}, {number(high)}]"


def _difference(row: _Row, unit: str) -> str:
    mean, low, high = (row[f"difference_{each}"] for each in ("mean", "low", "high"))
    if _is_missing(mean):
        return ""
    if mean == 0 and (_is_missing(low) or low == high):
        return "no difference"
    bounds = "" if _is_missing(low) else f" [{_signed(low)}, {_signed(high)}]"
    return f"{_signed(mean)} {unit}".rstrip() + bounds


def _is_missing(value: Any) -> bool:
    return value is None or value != value or value == ""


def _is_unseen(row: _Row) -> bool:
    return lookup(str(row["metric"])).family.is_count and row["mean"] == 0


def _how(result: "LoadedRun", strategies: list[str]) -> str:
    count = replications_of(result)
    if count == 1:
        return "One replication, so there are no intervals."
    paired = (
        f" Below: the paired difference to {strategies[0]}, with its 95 % interval. Marked 'best': better than "
        "every other strategy, each interval excluding zero."
        if len(strategies) > 1
        else ""
    )
    few = "" if count >= 5 else " There are no intervals below 5 replications."
    return f"Means of {count} replications' own values, with 95 % intervals (Student's t).{paired}{few}"


def _notes(result: "LoadedRun", unseen: list[str], strategies: list[str]) -> Iterator[str]:
    if unseen:
        told = result.details["strategies"]
        limits = [
            f"{number(1000 * told[name]['none_seen_upper_limit_per_operation'])} in 1,000 under {name} "
            f"({counted(told[name]['operations'], 'operation')})"
            for name in strategies
        ]
        yield (
            f"None seen under any strategy: {listed(unseen)}. At most {listed(limits)}: exact one-sided 95 % limits "
            "for independent operations."
        )


def _signed(value: float) -> str:
    """A number for people, with its sign."""
    return f"{'-' if value < 0 else '+'}{number(abs(value))}"
