"""The pages of results without tables: sweeps, plans and break-even maps."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sim.experiment.verdict import SATURATED, number
from sim.metrics.registry import lookup
from sim.report.figures.sentences import counted, listed
from sim.report.page.blocks import Block, Cell, Grid, TableBlock

if TYPE_CHECKING:
    from sim.results import LoadedRun

Data = dict[str, Any]

# sweeps


def swept_verdict(result: "LoadedRun") -> str:
    """At how many points which strategy is what, on the primary metric, and the range of the metric that is shown."""
    details, where = result.details, counted(len(result.details["points"]), "point")
    words = _words_by_strategy(details["points"])
    shown = f"{details['metric']}: {swept_range(result)}" if details["metric"] != details["primary_metric"] else ""
    if not words:
        return f"{details['metric']} over {where}: {swept_range(result)}."
    told = "; ".join(f"{name} {_at(counts, where)}" for name, counts in words.items())
    compared = f"{told}, compared with {details['strategies'][0]}"
    return f"{details['primary_metric']}: {compared}; {shown or swept_range(result)}."


def _words_by_strategy(points: list[Data]) -> dict[str, dict[str, int]]:
    """How often each word of a verdict was said of each strategy."""
    words: dict[str, dict[str, int]] = {}
    for point in points:
        for name, word in point.get("verdict", {}).get("words", {}).items():
            counts = words.setdefault(name, {})
            counts[word] = counts.get(word, 0) + 1
    return words


def _at(counts: dict[str, int], where: str) -> str:
    """Such as 'is better at 3 of 8 points, and at 5 one of the two is saturated'."""
    said = listed([f"{word} at {count}" for word, count in counts.items() if word != SATURATED])
    saturated = f"at {counts.get(SATURATED)} one of the two is saturated"
    if SATURATED not in counts:
        return f"is {said} of {where}"
    return f"is {said} of {where}, and {saturated}" if said else f"cannot be compared: {saturated}"


def swept_remarks(result: "LoadedRun") -> Iterator[str]:
    """The points that failed."""
    failures = result.details.get("failures", 0)
    if failures:
        yield f"{counted(failures, 'point')} failed; the table says which."


def swept_blocks(result: "LoadedRun") -> Iterator[Block]:
    """The table of points by strategies."""
    strategies = list(result.details["strategies"])
    rows = _rows_of(result)
    paths = list(result.summary.columns[: list(result.summary.columns).index("metric")])
    places: dict[str, dict[str, Data]] = {}
    for row in rows:
        place = ", ".join(f"{path} = {_setting(row[path])}" for path in paths)
        places.setdefault(place, {})[row["strategy"]] = row
    grid = Grid(
        columns=tuple(strategies),
        rows=tuple((place, tuple(_cell(found.get(name)) for name in strategies)) for place, found in places.items()),
    )
    yield TableBlock(
        anchor="metrics", title="Points by strategies", grids=(("", grid),),
        message=f"{result.details['metric']}: means of the replications' values with 95 % intervals (Student's t).",
    )  # fmt: skip


def swept_range(result: "LoadedRun") -> str:
    """The lowest and the highest mean of the sweep's metric under each strategy."""
    rows = [row for row in _rows_of(result) if row["mean"] == row["mean"]]
    told = []
    for name in result.details["strategies"]:
        means = [row["mean"] for row in rows if row["strategy"] == name]
        if means:
            unit = _unit(result.details["metric"])
            told.append(f"{number(min(means))} to {number(max(means))}{unit} under {name}")
    return listed(told) or "no point has a value"


def _rows_of(result: "LoadedRun") -> list[Data]:
    summary = result.summary
    return list(summary[summary["metric"] == result.details["metric"]].to_dict("records"))


def _unit(metric: str) -> str:
    unit = lookup(metric).unit
    return f" {unit}" if unit else ""


def _words(note: Any) -> str:
    return note if isinstance(note, str) else ""


def _setting(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _cell(row: Data | None) -> Cell:
    if row is None or row["mean"] != row["mean"]:
        return Cell(text="-", below="" if row is None else _words(row["note"]))
    unit = _unit(row["metric"])
    interval = f" [{number(row['low'])}, {number(row['high'])}]" if row["low"] == row["low"] else ""
    best = str(row["best"]) == "True"
    return Cell(text=f"{number(row['mean'])}{unit}{interval}", below=_words(row["note"]), mark="best" if best else "")


# plans


def planned_verdict(result: "LoadedRun") -> str:
    """The plan's own sentence."""
    return str(result.details["sentence"])


def planned_remarks(result: "LoadedRun") -> Iterator[str]:
    """Whether the answer is conclusive."""
    if not result.details["conclusive"]:
        yield "The answer is not conclusive."


def planned_blocks(result: "LoadedRun") -> Iterator[Block]:
    """The load that each strategy carries, what limits it, and the sizing table."""
    details = result.details
    unit = str(details["scale"]["unit"])
    if details["strategies"]:
        yield TableBlock(
            anchor="metrics", title="The load that each strategy carries", message=f"In {unit}, with 95 % intervals.",
            notes=tuple(f"Demanded of {name}: {listed(texts)}." for name, texts in details["objectives"].items()),
            grids=(("", _loads(details["strategies"])),),
        )  # fmt: skip
        yield TableBlock(
            anchor="reliefs", title="What limits it", grids=tuple(_reliefs(details["strategies"])),
            message="The resource whose relief raises the load most is the one that limits it.",
        )  # fmt: skip
    if details["sizing"]:
        grid = Grid(columns=("load", "met in 95 %"), rows=tuple(_sizes(details["sizing"])))
        yield TableBlock(anchor="sizing", title="Sizing", grids=(("", grid),), message=f"Loads in {unit}.")


def _loads(parts: list[Data]) -> Grid:
    rows = tuple(
        (
            str(part["strategy"]),
            (
                Cell(text=_load(part)),
                Cell(text=_number(part["met_in_95_percent"])),
                Cell(text=str(part["limited_by"] or "-")),
            ),
        )
        for part in parts
    )
    return Grid(columns=("load", "met in 95 % of replications", "limited by"), rows=rows)


def _reliefs(parts: list[Data]) -> Iterator[tuple[str, Grid]]:
    for part in parts:
        rows = tuple((str(each["relief"]), _relief_cells(each)) for each in part["reliefs"])
        if rows:
            yield str(part["strategy"]), Grid(columns=("load with it", "change"), rows=rows)


def _relief_cells(each: Data) -> tuple[Cell, Cell]:
    load, change = each["load"], each["change_percent"]
    if load is None or change is None:
        return Cell(text="-", below=str(each["reason"])), Cell(text="-")
    said = "" if each["helps"] else "no rise for certain"
    return Cell(text=_load(load)), Cell(text=f"{change:+.3g} %", below=said)


def _sizes(sizing: list[Data]) -> Iterator[tuple[str, tuple[Cell, ...]]]:
    known = ("strategy", "ending", "mean", "low", "high", "met_in_95_percent", "replications", "found", "none", "all")
    for row in sizing:
        settings = ", ".join(f"{path} = {_setting(value)}" for path, value in row.items() if path not in known)
        yield f"{row['strategy']}: {settings}", (Cell(text=_load(row)), Cell(text=_number(row["met_in_95_percent"])))


def _load(row: Data) -> str:
    if row.get("mean") is None:
        return str(row.get("ending") or "-")
    interval = "" if row.get("low") is None else f" [{number(row['low'])}, {number(row['high'])}]"
    return f"{number(row['mean'])}{interval}"


def _number(value: float | None) -> str:
    return "-" if value is None else number(value)


# break-even maps


def mapped_verdict(result: "LoadedRun") -> str:
    """In how many cells which strategy is faster beyond doubt."""
    details = result.details
    first, second, cells = details["first"], details["second"], details["cells"]
    faster = sum(1 for cell in cells if cell["ratio_high"] is not None and cell["ratio_high"] < 1)
    slower = sum(1 for cell in cells if cell["ratio_low"] is not None and cell["ratio_low"] > 1)
    saturated = sum(1 for cell in cells if cell["saturated"])
    said = f"{second} is faster than {first} in {faster} of {len(cells)} cells and slower in {slower}"
    ratios = [cell["ratio"] for cell in cells if cell["ratio"] is not None]
    between = f"; p95 of create_port latency is {number(min(ratios))} to {number(max(ratios))} times" if ratios else ""
    end = f"; in {saturated} a strategy is saturated" if saturated else ""
    return f"{said}, each 95 % interval excluding 1{between}{end}."


def mapped_blocks(result: "LoadedRun") -> Iterator[Block]:
    """The map as a table: bind latency by subnets."""
    details = result.details
    subnets = tuple(dict.fromkeys(cell["subnets"] for cell in details["cells"]))
    rows = tuple(
        (f"bind median {median:g} s", tuple(_map_cell(details, median, name) for name in subnets))
        for median in dict.fromkeys(cell["bind_median_s"] for cell in details["cells"])
    )
    yield TableBlock(
        anchor="metrics", title="The break-even map", grids=(("", Grid(columns=subnets, rows=rows)),),
        message=(
            f"p95 of create_port latency of {details['second']} as a multiple of {details['first']}'s; below 1, "
            f"{details['second']} is faster."
        ),
        notes=(
            f"A coarse look: {details['replications']} replications a cell, {details['duration_s']:g} s of load. In "
            "brackets the 95 % interval of the ratio (t over the logarithms of paired ratios); one that holds 1 leaves "
            "open which is faster.",
        ),
    )  # fmt: skip


def _map_cell(details: Data, median_s: float, subnets: str) -> Cell:
    cell = next(each for each in details["cells"] if (each["bind_median_s"], each["subnets"]) == (median_s, subnets))
    if cell["saturated"]:
        counts = [f"{name} {count} of {details['replications']}" for name, count in cell["saturated"].items()]
        return Cell(text="saturated", below=listed(counts))
    if cell["ratio"] is None:
        return Cell(text=cell["note"] or "unknown")
    interval = "" if cell["ratio_low"] is None else f" [{cell['ratio_low']:.2f}, {cell['ratio_high']:.2f}]"
    return Cell(text=f"{cell['ratio']:.2f}{interval}", below=str(cell["word"]))
