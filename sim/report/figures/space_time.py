"""The space-time diagram of an episode: a lane an operation, its transactions, driver calls and waits for row locks.

Time runs to the right. An arrow goes from who releases a row lock to who has waited for it. Events
of the checker's evidence are numbered; the page tells them in words below.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Final

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.experiment.verdict import number
from sim.report.figures.episode import CALL, TRANSACTION, WAIT, Episode, Lane, Mark, Span, telling_episode
from sim.report.figures.style import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    PAPER,
    VERMILLION,
    drawn_on,
    is_narrow,
    width_px,
)

if TYPE_CHECKING:
    from sim.results import LoadedRun

_LANE_PX: Final = 54
_BAR: Final = 0.36  # of a lane
_CALL: Final = 0.18
_SAME_S: Final = 0.003  # from the release at the server to the end of COMMIT there and back; assumption
_MARK_PX: Final = 22  # marks nearer than this stand as one
_CONTROLLER: Final = "controllers"


def space_time(result: "LoadedRun", ax: Axes | None = None) -> Axes:
    """The most telling episode of a result, chosen by the rule of `telling_episode`; empty axes when there is none."""
    episode = telling_episode(result)
    if episode is None:
        with drawn_on(ax) as axes:
            axes.set_axis_off()
        return axes
    return draw_episode(episode, ax)


def space_time_height_px(result: "LoadedRun") -> float:
    """What the lanes need."""
    episode = telling_episode(result)
    return 100 if episode is None else episode_height_px(episode)


def space_time_message(result: "LoadedRun") -> str:
    """What the episode shows, in a sentence with its numbers."""
    episode = telling_episode(result)
    return "No operation opened a transaction." if episode is None else episode.message


def draw_episode(episode: Episode, ax: Axes | None = None) -> Axes:
    """Any episode as a space-time diagram."""
    with drawn_on(ax, height_px=episode_height_px(episode)) as axes:
        axes.set_xlim(episode.from_s, episode.to_s)
        rows = _rows(episode)
        for strategy, lanes in groupby(episode.lanes, key=lambda lane: lane.strategy):
            _head(strategy, rows[strategy], axes, shown=len({lane.strategy for lane in episode.lanes}) > 1)
            for lane in lanes:
                _draw(lane, rows[_key(lane)], episode, axes)
        _arrows(episode, rows, axes)
        _marks(episode, rows, axes)
        _dress(episode, rows, axes)
    return axes


def episode_height_px(episode: Episode) -> float:
    """What the lanes need."""
    return 120 + _LANE_PX * max(_rows(episode).values()) + _LANE_PX


_Rows = dict[str, float]


def _key(lane: Lane) -> str:
    return f"{lane.strategy} {lane.operation}"


def _rows(episode: Episode) -> _Rows:
    """The place of each lane, of each strategy's heading, and of the events at controllers; downwards."""
    rows: _Rows = {}
    place = 0.0
    several = len({lane.strategy for lane in episode.lanes}) > 1
    for lane in episode.lanes:
        if lane.strategy not in rows:
            rows[lane.strategy] = place
            place += 0.55 if several else 0.0
        rows[_key(lane)] = place
        place += 1.0
    if any(mark.operation is None for mark in episode.marks):
        rows[_CONTROLLER] = place
        place += 0.8
    return rows


def _head(strategy: str, row: float, axes: Axes, *, shown: bool) -> None:
    if shown:
        _write(f"under {strategy}", row + 0.28, axes, bold=True)


def _write(words: str, y: float, axes: Axes, *, bold: bool = False) -> None:
    """Words at the left edge, above what is drawn at `y`."""
    axes.annotate(
        words, (0, y), (2, 0), xycoords=("axes fraction", "data"), textcoords="offset points", va="center",
        weight="bold" if bold else "normal", fontsize=12 if bold else 11,
    )  # fmt: skip


def _draw(lane: Lane, row: float, episode: Episode, axes: Axes) -> None:
    _write(_label(lane, narrow=is_narrow(axes)), row + 0.2, axes)
    middle = row + 0.62
    end = episode.to_s if lane.ended_s is None else lane.ended_s
    axes.plot([lane.intended_s, end], [middle, middle], color=MUTED.light, linewidth=1.5, solid_capstyle="butt")
    ends = [(lane.intended_s, ">"), (lane.ended_s, "s")]
    for at_s, marker in ends:
        if at_s is not None:
            axes.plot([at_s], [middle], color=INK.light, marker=marker, markersize=5, linestyle="none")
    for what in (TRANSACTION, WAIT, CALL):
        for span in lane.spans:
            if span.what == what and span.to_s > episode.from_s and span.from_s < episode.to_s:
                _draw_span(span, middle, axes)


def _draw_span(span: Span, middle: float, axes: Axes) -> None:
    if span.what == TRANSACTION:
        axes.barh(
            middle, span.length_s, left=span.from_s, height=_BAR, facecolor=(*_rgb(BLUE.light), 0.15),
            edgecolor=BLUE.light, linewidth=1.2, zorder=2.1,
        )  # fmt: skip
    elif span.what == WAIT:
        axes.barh(
            middle, span.length_s, left=span.from_s, height=_BAR, color=VERMILLION.light, hatch="////",
            hatchcolor=PAPER.light, edgecolor=PAPER.light, linewidth=0.5, zorder=2.2,
        )  # fmt: skip
    else:
        axes.barh(middle, span.length_s, left=span.from_s, height=_CALL, color=GREEN.light, zorder=2.3)


def _rgb(code: str) -> tuple[float, float, float]:
    red, green, blue = (int(code[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue


def _label(lane: Lane, *, narrow: bool) -> str:
    took = "never answered" if lane.ended_s is None else f"{number(lane.ended_s - lane.intended_s)} s"
    waits = lane.waits
    if narrow:
        waited = f", waits for {waits[0].holder}" if waits else ""
        return f"{lane.operation} {lane.kind}: {took}{waited}"
    waited = f", waits {number(waits[0].length_s)} s for the row lock of operation {waits[0].holder}" if waits else ""
    answer = took if lane.ended_s is None else f"{lane.outcome} after {took}"
    return f"operation {lane.operation}, {lane.kind}: {answer}{waited}"


def _arrows(episode: Episode, rows: _Rows, axes: Axes) -> None:
    """From who releases a row to who waits for it, where the wait ends; waits too short to be seen have none."""
    least_s = (episode.to_s - episode.from_s) / 100
    for lane in episode.lanes:
        for span in lane.waits:
            last = _last_holder(span, lane, episode)
            if last is not None and span.length_s > least_s and episode.from_s < span.to_s < episode.to_s:
                _arrow(span.to_s, rows[_key(last)] + 0.62, rows[_key(lane)] + 0.62, axes)


def _last_holder(wait: Span, waiter: Lane, episode: Episode) -> Lane | None:
    """The lane whose transaction ends when the wait does. The recorded holder is the first, not always the last."""
    for lane in episode.lanes:
        if lane.strategy == waiter.strategy and lane.operation != waiter.operation:
            ends = [span.to_s for span in lane.spans if span.what == TRANSACTION]
            if any(abs(end - wait.to_s) < _SAME_S for end in ends):
                return lane
    return None


def _arrow(at_s: float, start: float, end: float, axes: Axes) -> None:
    reach = _BAR / 2 if end > start else -_BAR / 2
    look = {"arrowstyle": "-|>", "color": VERMILLION.light, "linewidth": 1.4, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", (at_s, end - reach), (at_s, start + reach), arrowprops=look, zorder=3)


def _marks(episode: Episode, rows: _Rows, axes: Axes) -> None:
    if _CONTROLLER in rows:
        _write("controllers", rows[_CONTROLLER] + 0.12, axes)
    strategy = episode.lanes[0].strategy
    placed = [(rows.get(f"{strategy} {mark.operation}", rows.get(_CONTROLLER, 0.0)), mark) for mark in episode.marks]
    for row, among in groupby(sorted(placed, key=lambda each: (each[0], each[1].at_s)), key=lambda each: each[0]):
        for near in _near([mark for _, mark in among], episode, axes):
            _mark(near, row + (0.52 if row == rows.get(_CONTROLLER) else 0.62), axes)


def _near(marks: Sequence[Mark], episode: Episode, axes: Axes) -> list[list[Mark]]:
    """The marks of a lane in groups, each of those that would lie on each other."""
    least_s = _MARK_PX * (episode.to_s - episode.from_s) / width_px(axes)
    groups: list[list[Mark]] = []
    for mark in marks:
        if groups and mark.at_s - groups[-1][-1].at_s < least_s * len(groups[-1]):
            groups[-1].append(mark)
        else:
            groups.append([mark])
    return groups


def _mark(marks: Sequence[Mark], y: float, axes: Axes) -> None:
    words = ", ".join(str(mark.number) for mark in marks)
    box = {"boxstyle": "round,pad=0.25", "facecolor": PAPER.light, "edgecolor": INK.light, "linewidth": 1}
    axes.annotate(words, (marks[0].at_s, y), ha="center", va="center", weight="bold", fontsize=11, bbox=box, zorder=4)


def _dress(episode: Episode, rows: _Rows, axes: Axes) -> None:
    axes.set_ylim(max(rows.values()) + 1.05, -0.05)
    axes.set_yticks([])
    axes.grid(visible=False, axis="y")
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_formatter(_seconds(episode))
    if is_narrow(axes):
        axes.locator_params(axis="x", nbins=4)
    axes.set_xlabel(f"virtual time, s (replication {episode.replication})")
    _legend(episode, axes)


def _seconds(episode: Episode) -> str:
    """Ticks that are close need as many digits as tell them apart."""
    length_s = episode.to_s - episode.from_s
    return "{x:.4f}" if length_s < 0.02 else "{x:.3f}" if length_s < 0.2 else "{x:.2f}" if length_s < 2 else "{x:g}"


def _legend(episode: Episode, axes: Axes) -> None:
    seen = {span.what for lane in episode.lanes for span in lane.spans}
    looks = {
        TRANSACTION: Patch(facecolor=(*_rgb(BLUE.light), 0.15), edgecolor=BLUE.light, label="transaction"),
        CALL: Patch(facecolor=GREEN.light, label="driver call"),
        WAIT: Patch(
            facecolor=VERMILLION.light, hatch="////", hatchcolor=PAPER.light, edgecolor=PAPER.light,
            label="waits for a row lock; arrow: released",
        ),
    }  # fmt: skip
    handles = [
        Line2D([], [], color=MUTED.light, marker=">", markerfacecolor=INK.light, label="asked to answered"),
        *(patch for what, patch in looks.items() if what in seen),
    ]
    columns = 1 if is_narrow(axes) else len(handles)
    axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1.01), ncols=columns, borderaxespad=0)
