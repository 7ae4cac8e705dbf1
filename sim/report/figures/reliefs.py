"""What limits the load: the reliefs ranked by what each adds to the highest load, with 95 % intervals."""

from collections.abc import Sequence
from typing import Any, Final

from matplotlib.axes import Axes

from sim.experiment.verdict import number
from sim.report.figures.planned import PlanResult, plan_data
from sim.report.figures.style import INK, MUTED, PAPER, SeriesStyle, drawn_on, is_narrow, plain_number, strategy_style

_ROW_PX: Final = 24

Relief = dict[str, Any]


def reliefs_ranked(result: PlanResult, ax: Axes | None = None) -> Axes:
    """Horizontal bars: percent by which the highest load rises, a bar a relief and strategy, the best relief on top.

    Reliefs without room are left out; the plan's text says why. ValueError for a result that is no plan.
    """
    parts = [part for part in plan_data(result)["strategies"] if _with_room(part)]
    names = [part["strategy"] for part in parts]
    ranked = _ranked(parts)
    with drawn_on(ax, height_px=100 + _ROW_PX * len(ranked) * max(1, len(parts))) as axes:
        for place, part in enumerate(parts):
            _draw(axes, part, ranked, (place, len(parts)), strategy_style(part["strategy"], names))
        _dress(axes, ranked)
    return axes


def reliefs_message(result: PlanResult) -> str:
    """What the figure shows, in a sentence with its numbers."""
    told = [_told(part) for part in plan_data(result)["strategies"]]
    return f"{'; '.join(told)}."


def _with_room(part: dict[str, Any]) -> list[Relief]:
    return [relief for relief in part["reliefs"] if relief["change"] is not None and _base(relief) > 0]


def _base(relief: Relief) -> float:
    return float(relief["load"]["mean"] - relief["change"]["mean"])


def _percent(relief: Relief, key: str) -> float | None:
    value = relief["change"][key]
    return None if value is None else 100 * value / _base(relief)


def _ranked(parts: Sequence[dict[str, Any]]) -> list[str]:
    """Names of reliefs, those first that help most under any strategy."""
    best: dict[str, float] = {}
    for part in parts:
        for relief in _with_room(part):
            best[relief["relief"]] = max(best.get(relief["relief"], -1e9), _percent(relief, "mean") or 0.0)
    return sorted(best, key=lambda name: -best[name])


def _draw(
    axes: Axes, part: dict[str, Any], ranked: Sequence[str], place: tuple[int, int], style: SeriesStyle
) -> None:  # fmt: skip
    height = 0.8 / place[1]
    for relief in _with_room(part):
        y = ranked.index(relief["relief"]) - 0.4 + height * (place[0] + 0.5)
        mean, low, high = (_percent(relief, key) for key in ("mean", "low", "high"))
        axes.barh(
            y, mean or 0.0, height=0.86 * height, color=style.colour, hatch=style.hatch, hatchcolor=PAPER.light,
            alpha=1.0 if relief["helps"] else 0.45, edgecolor=PAPER.light, linewidth=0.5,
        )  # fmt: skip
        if low is not None and high is not None:
            axes.plot([low, high], [y, y], color=INK.light, linewidth=1.2)
    axes.barh([0], [0], color=style.colour, hatch=style.hatch, hatchcolor=PAPER.light, label=part["strategy"])


def _dress(axes: Axes, ranked: Sequence[str]) -> None:
    narrow = is_narrow(axes)
    axes.set_yticks(range(len(ranked)), [_folded(name) if narrow else name for name in ranked])
    axes.set_ylim(len(ranked) - 0.4, -0.6)
    axes.axvline(0, color=MUTED.light, linewidth=0.8)
    axes.xaxis.set_major_formatter(plain_number)
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("change of the load, %" if narrow else "change of the highest load, % (pale: no rise for certain)")
    if ranked:
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1.01), ncols=1 if narrow else 3, borderaxespad=0)
    else:
        axes.annotate("no relief was tried", (0.5, 0.5), xycoords="axes fraction", ha="center")


def _folded(name: str) -> str:
    """In two lines, at the space nearest to the middle."""
    spaces = [place for place, letter in enumerate(name) if letter == " "]
    if not spaces:
        return name
    middle = min(spaces, key=lambda place: abs(place - len(name) / 2))
    return f"{name[:middle]}\n{name[middle + 1 :]}"


def _told(part: dict[str, Any]) -> str:
    helping = [relief for relief in _with_room(part) if relief["helps"]]
    if not helping:
        return f"under {part['strategy']} no relief raises the load for certain"
    best = max(helping, key=lambda relief: _percent(relief, "mean") or 0.0)
    return f"under {part['strategy']} {best['relief']} adds {number(_percent(best, 'mean') or 0.0)} %"
