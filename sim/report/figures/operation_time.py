"""Where the time of an operation goes: one bar a kind of operation and strategy, its parts stacked.

The parts come from sim.metrics.time_parts and add up to the mean latency, microsecond for microsecond. Operations of
all replications are pooled; those never answered are not in it.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from matplotlib.axes import Axes
from matplotlib.patches import Patch

from sim.experiment.verdict import number
from sim.metrics.time_parts import PARTS, time_parts
from sim.report.figures.remembering import remembered
from sim.report.figures.sentences import listed
from sim.report.figures.style import (
    BLUE,
    GREEN,
    MUTED,
    OCHRE,
    PAPER,
    PURPLE,
    SLATE,
    VERMILLION,
    drawn_on,
    is_narrow,
)
from sim.scenario.kinds import KINDS

if TYPE_CHECKING:
    from sim.results import LoadedRun

_LOOKS: Final = {
    "queue": (SLATE, "", "queue"),
    "cpu": (OCHRE, "", "CPU"),
    "sql": (BLUE, "", "SQL"),
    "lock_wait": (VERMILLION, "////", "lock wait"),
    "pool_wait": (PURPLE, "xxxx", "pool wait"),
    "controller": (GREEN, "", "controller"),
    "backoff": (MUTED, "....", "back-off"),
    "lease_wait": (PURPLE, "\\\\\\\\", "lease wait"),
}
"""Colour, hatch and words of each part. Waits are hatched, work is not."""

_SPENT: Final = {
    "queue": "before a worker begins", "cpu": "computing", "sql": "in SQL", "lock_wait": "waiting for row locks",
    "pool_wait": "waiting for a connection", "controller": "in calls of the controller",
    "backoff": "in pauses after conflicts", "lease_wait": "waiting for the port's lease",
}  # fmt: skip
_ROW_PX: Final = 26
_SEEN: Final = 0.002  # of the longest bar: parts below that are too thin to be seen, and not drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """The mean over the operations of one kind under one strategy; `parts_s` in the order of PARTS."""

    kind: str
    strategy: str
    operations: int
    parts_s: tuple[float, ...]

    @property
    def latency_s(self) -> float:
        """The mean latency, which is the sum of the parts."""
        return sum(self.parts_s)

    def part_s(self, part: str) -> float:
        """One part's mean."""
        return self.parts_s[PARTS.index(part)]

    @property
    def largest(self) -> str:
        """The part that takes most."""
        return max(PARTS, key=self.part_s)


def operation_time(result: "LoadedRun", ax: Axes | None = None) -> Axes:
    """Stacked horizontal bars of mean latency by part: a bar a kind of operation and strategy."""
    bars = operation_time_bars(result)
    with drawn_on(ax, height_px=operation_time_height_px(result)) as axes:
        for row, bar in enumerate(bars):
            _draw(bar, row + _gap(bars, row), axes, longest_s=max(each.latency_s for each in bars))
        _dress(axes, bars)
    return axes


def operation_time_height_px(result: "LoadedRun") -> float:
    """What the bars need."""
    bars = operation_time_bars(result)
    return 100 + _ROW_PX * (len(bars) + 1.2 * len({bar.kind for bar in bars}))


def operation_time_message(result: "LoadedRun") -> str:
    """What the figure shows, in a sentence with its numbers: the kind that takes longest, under each strategy."""
    bars = operation_time_bars(result)
    if not bars:
        return "No operation was answered."
    slowest = max(bars, key=lambda bar: bar.latency_s).kind
    told = [_told(bar) for bar in bars if bar.kind == slowest]
    return f"{slowest} takes {'; '.join(told)} (means)."


@remembered
def operation_time_bars(result: "LoadedRun") -> list[Bar]:
    """The bars: kinds in the order in which ports live, strategies in the order of the run."""
    frame = time_parts(result)
    columns = [f"{part}_us" for part in PARTS]
    grouped = frame.groupby(["kind", "strategy"], observed=True)[columns].agg(["sum", "size"])
    bars = []
    for kind in KINDS:
        for strategy in result.details["strategies"]:
            if (kind, strategy) in grouped.index:
                row = grouped.loc[(kind, strategy)]
                count = int(row[columns[0], "size"])
                means = tuple(int(row[column, "sum"]) / count / 1e6 for column in columns)
                bars.append(Bar(kind=kind, strategy=strategy, operations=count, parts_s=means))
    return bars


def part_words(part: str) -> str:
    """A part in the words of the figure."""
    return _LOOKS[part][2]


def shown_parts(bars: list[Bar]) -> list[str]:
    """The parts that take any time at all."""
    return [part for part in PARTS if any(bar.part_s(part) for bar in bars)]


def _told(bar: Bar) -> str:
    share = 100 * bar.part_s(bar.largest) / bar.latency_s if bar.latency_s else 0.0
    return f"{number(bar.latency_s)} s under {bar.strategy}, {share:.0f} % of it {_SPENT[bar.largest]}"


def _gap(bars: list[Bar], row: int) -> float:
    """A heading stands above the first bar of each kind: rows that are left free until there."""
    return 1.2 * len(dict.fromkeys(bar.kind for bar in bars[: row + 1]))


def _draw(bar: Bar, y: float, axes: Axes, *, longest_s: float) -> None:
    left = 0.0
    for part in PARTS:
        colour, hatch, _ = _LOOKS[part]
        length = bar.part_s(part)
        if length > _SEEN * longest_s:
            axes.barh(
                y, length, left=left, height=0.72, color=colour.light, hatch=hatch, hatchcolor=PAPER.light,
                edgecolor=PAPER.light, linewidth=0.8,
            )  # fmt: skip
        left += length
    axes.annotate(f"{number(bar.latency_s)} s", (left, y), (5, 0), textcoords="offset points", va="center", fontsize=11)


def _dress(axes: Axes, bars: list[Bar]) -> None:
    places = [row + _gap(bars, row) for row in range(len(bars))]
    axes.set_yticks(places, [bar.strategy for bar in bars])
    for kind in dict.fromkeys(bar.kind for bar in bars):
        first = next(place for place, bar in zip(places, bars, strict=True) if bar.kind == kind)
        operations = listed([f"{bar.operations:,}" for bar in bars if bar.kind == kind])
        heading = kind if is_narrow(axes) else f"{kind} ({operations} answered)"
        axes.annotate(heading, (0, first - 0.85), (3, 0), textcoords="offset points", va="center", weight="bold")
    axes.set_ylim(max(places, default=0) + 0.6, -0.1)
    axes.set_xlim(0, (1.27 if is_narrow(axes) else 1.1) * max((bar.latency_s for bar in bars), default=1.0))
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("mean latency, s")
    _legend(axes, shown_parts(bars))


def _legend(axes: Axes, parts: list[str]) -> None:
    handles = [
        Patch(facecolor=colour.light, hatch=hatch, hatchcolor=PAPER.light, edgecolor=PAPER.light, label=words)
        for colour, hatch, words in (_LOOKS[part] for part in parts)
    ]
    columns = 2 if is_narrow(axes) else len(handles)
    axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=max(1, columns), borderaxespad=0)
