"""The probability of meeting the objectives over load: for each strategy the share of replications that meet them."""

from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes

from sim.experiment.verdict import number
from sim.report.figures.planned import PlanResult, plan_data
from sim.report.figures.style import SeriesStyle, drawn_on, is_narrow, plain_number, strategy_style
from sim.report.figures.swept import title_of

_BAND: Final = 0.14


def meeting_probability(result: PlanResult, ax: Axes | None = None) -> Axes:
    """A falling staircase for each strategy, with exact 95 % limits (Clopper and Pearson) shaded.

    A dot marks the mean of the replications' highest loads, its bar the 95 % interval of that mean. ValueError for a
    result that is no plan.
    """
    data = plan_data(result)
    names = [part["strategy"] for part in data["strategies"]]
    with drawn_on(ax) as axes:
        for place, part in enumerate(data["strategies"]):
            _draw(axes, part, strategy_style(part["strategy"], names), height=0.5 - 0.06 * place)
        _dress(axes, data)
    return axes


def meeting_message(result: PlanResult) -> str:
    """What the figure shows: the plan's own sentence."""
    return str(plan_data(result)["sentence"])


def _draw(axes: Axes, part: dict[str, Any], style: SeriesStyle, *, height: float) -> None:
    steps = part["probability"]
    if not steps:
        axes.plot([], [], color=style.colour, linestyle=style.line, label=f"{part['strategy']}: no load was tried")
        return
    loads = np.array([0.0, *(step["load"] for step in steps)])
    share, low, high = (np.array([steps[0][key], *(step[key] for step in steps)]) for key in ("share", "low", "high"))
    axes.fill_between(loads, low, high, step="pre", color=style.colour, alpha=_BAND, linewidth=0)
    axes.plot(
        loads, share, drawstyle="steps-pre", color=style.colour, linestyle=style.line, label=_label(part)
    )  # fmt: skip
    if part["mean"] is not None:
        _mark_mean(axes, part, style, height)


def _mark_mean(axes: Axes, part: dict[str, Any], style: SeriesStyle, height: float) -> None:
    low, high = part["low"], part["high"]
    reach = None if low is None else [[part["mean"] - low], [high - part["mean"]]]
    axes.errorbar(
        [part["mean"]], [height], xerr=reach, color=style.colour, marker=style.marker, markersize=7, capsize=4,
        linestyle="none",
    )  # fmt: skip


def _label(part: dict[str, Any]) -> str:
    if part["mean"] is None:
        return f"{part['strategy']} ({part['ending']})"
    return f"{part['strategy']} (mean {number(part['mean'])})"


def _dress(axes: Axes, data: dict[str, Any]) -> None:
    axes.set_ylim(0, 1.02)
    axes.set_xlim(left=0)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 0.95], ["0 %", "25 %", "50 %", "75 %", "95 %"])
    axes.xaxis.set_major_formatter(plain_number)
    axes.set_xlabel(title_of(data["scale"]["path"]))
    narrow = is_narrow(axes)
    axes.set_ylabel("replications" if narrow else "replications that meet the objectives")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.01), ncols=1 if narrow else 3, borderaxespad=0)
