"""How many places of each resource are in use over time, with the scenario's faults shaded.

One band a resource, each with its own scale: API workers, the connection pools of all processes together, controllers.
A line is the mean over the replications in each slice of time; what happened faster than a slice is averaged away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.axes import Axes

from sim.experiment.verdict import number
from sim.report.figures.faults import Window, drawn_faults, timed_faults
from sim.report.figures.remembering import remembered
from sim.report.figures.sentences import listed
from sim.report.figures.style import MUTED, SLATE, drawn_on, is_narrow, plain_number, strategy_style

if TYPE_CHECKING:
    from sim.results import LoadedRun

_SLICES: Final = 200  # of the time axis
_WORKERS: Final = "api.workers"
_POOL: Final = "db.pool of "
_POOLS: Final = "db.pool"
_BAND: Final = 1.32  # from band to band, where the highest line of each is 1 high
_BAND_PX: Final = 92
_RISE: Final = 1.2  # a resource is said to be busier in a fault when it is so by a fifth; assumption

Numbers = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """The places of one resource in use under each strategy: the mean of each slice over the replications."""

    resource: str
    places: int | None  # how many there are; None where nobody says
    in_use: dict[str, Numbers]

    @property
    def peak(self) -> float:
        """The highest slice of all strategies."""
        return max(float(line.max()) for line in self.in_use.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceUse:
    """All resources over the same slices, the faults, and when the load ends."""

    edges_s: Numbers
    uses: tuple[Use, ...]
    faults: tuple[Window, ...]
    drawn: int
    load_ends_s: float

    def mean_in(self, line: Numbers, window: Window | None) -> float:
        """The mean of a line over a fault's window; without one, over the load outside all faults."""
        middles = (self.edges_s[:-1] + self.edges_s[1:]) / 2
        if window is not None:
            chosen = _inside(middles, window)
        else:
            chosen = middles < self.load_ends_s
            for fault in self.faults:
                chosen &= ~_inside(middles, fault)
        return float(line[chosen].mean()) if chosen.any() else float("nan")


def resource_use(result: "LoadedRun", ax: Axes | None = None) -> Axes:
    """Places in use over time: a band a resource, a line a strategy, faults shaded."""
    found = resource_use_data(result)
    with drawn_on(ax, height_px=resource_use_height_px(result)) as axes:
        for row, use in enumerate(found.uses):
            _draw(use, found.edges_s, -_BAND * row, axes)
        _shade(found, axes)
        _dress(found, axes)
    return axes


def resource_use_height_px(result: "LoadedRun") -> float:
    """What the bands need."""
    return 130 + _BAND_PX * max(1, len(resource_use_data(result).uses))


def resource_use_message(result: "LoadedRun") -> str:
    """What the figure shows, in a sentence with its numbers: what a fault does, or what is busiest."""
    found = resource_use_data(result)
    if not found.uses:
        return "No resource was used."
    said = next((text for window in found.faults if (text := _said_of(window, found))), "")
    drawn = f" {found.drawn} faults without a fixed time are not shown." if found.drawn else ""
    return (said or _busiest(found)) + drawn


@remembered
def resource_use_data(result: "LoadedRun") -> ResourceUse:
    """The lines of the figure, from the table of levels."""
    scenario = result.manifest["scenario"]
    ended = [run["virtual_s"] or 0.0 for each in result.details["strategies"].values() for run in each["runs"]]
    edges_s = np.linspace(0.0, max([*ended, 1e-3]), _SLICES + 1)
    return ResourceUse(
        edges_s=edges_s,
        uses=tuple(_uses(result, edges_s, scenario)),
        faults=tuple(timed_faults(scenario)),
        drawn=drawn_faults(scenario),
        load_ends_s=float(scenario["horizon"]["duration_s"]),
    )


def _uses(result: "LoadedRun", edges_s: Numbers, scenario: dict[str, Any]) -> list[Use]:
    lines = _lines(result, edges_s)
    resources = sorted({resource for resource, _ in lines}, key=lambda name: (name != _WORKERS, name != _POOLS, name))
    strategies = [name for name in result.details["strategies"] if any((each, name) in lines for each in resources)]
    uses = [
        Use(
            resource=resource,
            places=_places(resource, scenario),
            in_use={name: lines.get((resource, name), np.zeros(_SLICES)) for name in strategies},
        )
        for resource in resources
    ]
    return [use for use in uses if use.peak > 0]


def _lines(result: "LoadedRun", edges_s: Numbers) -> dict[tuple[str, str], Numbers]:
    """By resource and strategy: the mean of each slice, summed over the pools and averaged over the replications."""
    levels = result.table("levels")
    runs = {name: len(each["runs"]) for name, each in result.details["strategies"].items()}
    found: dict[tuple[str, str], Numbers] = {}
    keys = ["strategy", "replication", "resource"]
    for (strategy, _, resource), rows in levels.groupby(keys, sort=False, observed=True):
        name = _POOLS if str(resource).startswith(_POOL) else str(resource)
        line = mean_by_slice(rows["at_s"].to_numpy(dtype=float), rows["in_use"].to_numpy(dtype=float), edges_s)
        key = (name, str(strategy))
        found[key] = found.get(key, np.zeros(_SLICES)) + line / runs[str(strategy)]
    return found


def mean_by_slice(at_s: Numbers, level: Numbers, edges_s: Numbers) -> Numbers:
    """The mean over each slice of a level that changes at `at_s` and is 0 before; times rise, the last level stays."""
    area = np.concatenate(([0.0], np.cumsum(level[:-1] * np.diff(at_s))))
    times, areas = at_s, area
    if edges_s[-1] > at_s[-1]:
        times = np.append(times, edges_s[-1])
        areas = np.append(areas, area[-1] + level[-1] * (edges_s[-1] - at_s[-1]))
    slices: Numbers = np.diff(np.interp(edges_s, times, areas, left=0.0)) / np.diff(edges_s)
    return slices


def _places(resource: str, scenario: dict[str, Any]) -> int | None:
    processes = int(scenario["api"]["processes"])
    if resource == _WORKERS:
        return processes * int(scenario["api"]["threads"])
    if resource == _POOLS:
        pool = scenario["database"]["pool"]
        return processes * int(pool["size"] + pool["max_overflow"])
    known = {controller["name"]: int(controller["concurrency"]) for controller in scenario["controllers"]}
    return known.get(resource)


def _inside(times: Numbers, window: Window) -> Any:
    return (times >= window.from_s) & (times < (np.inf if window.to_s is None else window.to_s))


# words


def _said_of(window: Window, found: ResourceUse) -> str:
    """What becomes busiest in a fault's window, compared with the load outside; empty when nothing does."""
    rises = {
        use.resource: max(_rise(found, line, window) for line in use.in_use.values()) for use in found.uses
    }  # fmt: skip
    resource = max(rises, key=lambda name: rises[name])
    if not rises[resource] >= _RISE:
        return ""
    use = next(use for use in found.uses if use.resource == resource)
    told = [
        f"from {number(found.mean_in(line, None))} to {number(found.mean_in(line, window))} under {name}"
        for name, line in use.in_use.items()
    ]
    until = "" if window.to_s is None else f" to {plain_number(window.to_s)} s"
    when = f"{plain_number(window.from_s)} s{until}"
    return f"With {window.words} ({when}) the places of {resource} in use go {listed(told)} (means)."


def _rise(found: ResourceUse, line: Numbers, window: Window) -> float:
    before, during = found.mean_in(line, None), found.mean_in(line, window)
    return during / before if before > 0 and not np.isnan(during) else 0.0


def _busiest(found: ResourceUse) -> str:
    use = max(found.uses, key=lambda each: each.peak / (each.places or np.inf))
    told = [f"{number(float(line.max()))} under {name}" for name, line in use.in_use.items()]
    of = f" of {use.places:,}" if use.places else ""
    return f"Busiest is {use.resource}: at the highest it has {listed(told)}{of} places in use."


# drawing


def _draw(use: Use, edges_s: Numbers, base: float, axes: Axes) -> None:
    names = list(use.in_use)
    for name, line in use.in_use.items():
        style = strategy_style(name, names)
        axes.stairs(
            base + line / use.peak, edges_s, baseline=base, color=style.colour, linestyle=style.line, linewidth=1.6
        )
    axes.axhline(base, color=MUTED.light, linewidth=0.8)
    of = f" of {use.places:,}" if use.places else ""
    words = f"{use.resource}: highest {number(use.peak)}{of}"
    axes.annotate(words, (0, base + 1), (2, 3), textcoords="offset points", va="bottom", weight="bold")


def _shade(found: ResourceUse, axes: Axes) -> None:
    end_s = float(found.edges_s[-1])
    for window in found.faults:
        if window.to_s == window.from_s:
            axes.axvline(window.from_s, color=SLATE.light, linewidth=1.2, linestyle=":")
        elif window.from_s < end_s:
            until = end_s if window.to_s is None else min(window.to_s, end_s)
            axes.axvspan(window.from_s, until, facecolor=SLATE.light, alpha=0.16, linewidth=0)
    if found.load_ends_s < end_s:
        axes.axvline(found.load_ends_s, color=MUTED.light, linewidth=1, linestyle=(0, (2, 2)))


def _dress(found: ResourceUse, axes: Axes) -> None:
    axes.set_ylim(-_BAND * (len(found.uses) - 1) - 0.05, _BAND)
    axes.set_yticks([])
    axes.grid(visible=False, axis="y")
    axes.spines["left"].set_visible(False)
    axes.set_xlim(0, float(found.edges_s[-1]))
    axes.xaxis.set_major_formatter(plain_number)
    axes.set_xlabel(_axis_words(found, narrow=is_narrow(axes)))
    names = list(found.uses[0].in_use) if found.uses else []
    for name in names:
        style = strategy_style(name, names)
        axes.plot([], [], color=style.colour, linestyle=style.line, label=name)
    _name_faults(found.faults, axes)
    columns = 1 if is_narrow(axes) else 4
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.01), ncols=columns, borderaxespad=0)


def _axis_words(found: ResourceUse, *, narrow: bool) -> str:
    ends = f"; dashed: load ends at {plain_number(found.load_ends_s)} s"
    shown = found.load_ends_s < float(found.edges_s[-1]) and not narrow
    return f"virtual time, s{ends if shown else ''}"


def _name_faults(faults: Sequence[Window], axes: Axes) -> None:
    """The faults' words in the legend, once each: over the lines there may be no room."""
    for words in dict.fromkeys(fault.words for fault in faults):
        axes.fill_between([], [], [], color=SLATE.light, alpha=0.3, linewidth=0, label=f"shaded: {words}")
