"""How long transactions are held: the empirical distribution by strategy, on a logarithmic axis.

Hold time is BEGIN to the end of COMMIT or ROLLBACK. The replications are pooled, and the axis says so; intervals over
replications stand in the table of the page.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.axes import Axes

from sim.experiment.verdict import number
from sim.report.figures.remembering import remembered
from sim.report.figures.sentences import listed
from sim.report.figures.style import MUTED, drawn_on, is_narrow, plain_number, strategy_style

if TYPE_CHECKING:
    from sim.results import LoadedRun

_STEPS: Final = 500  # points a curve: a step of 0.2 %, under a pixel in a figure of 380
_LEAST_S: Final = 1e-6  # the clock's resolution; a logarithmic axis has no zero
_MARKED: Final = (0.5, 0.95)
_CLOSE: Final = 1.1  # quantiles within a tenth are not called different; assumption

Seconds = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A strategy's distribution, thinned: `share` of the transactions are held for at most `hold_s`."""

    strategy: str
    transactions: int
    hold_s: Seconds
    share: Seconds
    marks_s: tuple[float, ...]  # the quantiles of _MARKED

    @property
    def median_s(self) -> float:
        """Half of the transactions are held for at most this."""
        return self.marks_s[0]

    @property
    def p95_s(self) -> float:
        """95 % of the transactions are held for at most this."""
        return self.marks_s[1]


def hold_time_ecdf(result: "LoadedRun", ax: Axes | None = None) -> Axes:
    """Share of transactions by how long they are held at most; one curve a strategy, replications pooled."""
    curves = hold_time_curves(result)
    names = [curve.strategy for curve in curves]
    with drawn_on(ax) as axes:
        for curve in curves:
            _draw(curve, axes, names)
        _dress(axes, replications=replications_of(result))
    return axes


def hold_time_message(result: "LoadedRun") -> str:
    """What the figure shows, in a sentence with its numbers."""
    curves = hold_time_curves(result)
    if not curves:
        return "No transaction has ended."
    p95 = listed([f"{number(curve.p95_s)} s under {curve.strategy}" for curve in curves])
    median = listed([f"{number(curve.median_s)} s" for curve in curves])
    respectively = " (in this order)" if len(curves) > 1 else ""
    return f"95 % of the transactions end within {p95}{_ratio(curves)}; half end within {median}{respectively}."


def replications_of(result: "LoadedRun") -> int:
    """Replications of each strategy."""
    return len(next(iter(result.details["strategies"].values()))["runs"])


@remembered
def hold_time_curves(result: "LoadedRun") -> list[Curve]:
    """One curve a strategy in the order of the run; a strategy without a transaction has none."""
    transactions = result.table("transactions")
    held = (transactions["ended_s"] - transactions["began_s"]).to_numpy(dtype=float)
    names = transactions["strategy"].to_numpy()
    found = {name: held[names == name] for name in result.details["strategies"]}
    return list(_curves({name: values[~np.isnan(values)] for name, values in found.items()}))


def _curves(held: Mapping[str, Seconds]) -> Iterator[Curve]:
    for strategy, values in held.items():
        if len(values):
            yield thinned(strategy, values)


def thinned(strategy: str, held_s: Seconds) -> Curve:
    """The curve through at most a few hundred of the observed values, evenly spaced by rank; both ends are kept."""
    ordered = np.sort(np.maximum(held_s, _LEAST_S))
    count = len(ordered)
    ranks = np.unique(np.rint(np.linspace(1, count, min(count, _STEPS))).astype(int))
    marks = tuple(float(ordered[max(0, int(np.ceil(share * count)) - 1)]) for share in _MARKED)
    return Curve(
        strategy=strategy, transactions=count, hold_s=ordered[ranks - 1], share=ranks / count, marks_s=marks
    )  # fmt: skip


def _draw(curve: Curve, axes: Axes, names: list[str]) -> None:
    style = strategy_style(curve.strategy, names)
    label = f"{curve.strategy} ({curve.transactions:,} transactions)"
    hold_s, share = np.insert(curve.hold_s, 0, curve.hold_s[0]), np.insert(curve.share, 0, 0.0)
    axes.plot(hold_s, share, color=style.colour, linestyle=style.line, drawstyle="steps-post")
    axes.plot(curve.marks_s, _MARKED, color=style.colour, linestyle="none", marker=style.marker, markersize=7)
    axes.plot([], [], color=style.colour, linestyle=style.line, marker=style.marker, label=label)


def _dress(axes: Axes, *, replications: int) -> None:
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(plain_number)
    axes.xaxis.set_minor_formatter("")
    axes.set_yticks([0, 0.25, 0.5, 0.75, 0.95], ["0 %", "25 %", "50 %", "75 %", "95 %"])
    axes.set_ylim(0, 1.02)
    pooled = "1 replication" if replications == 1 else f"{replications} replications pooled"
    narrow = is_narrow(axes)
    axes.set_xlabel(f"hold time, s ({pooled})")
    axes.set_ylabel("transactions" if narrow else "share of transactions")
    axes.tick_params(axis="x", which="minor", color=MUTED.light)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.01), ncols=1 if narrow else 3, borderaxespad=0)


def _ratio(curves: list[Curve]) -> str:
    """How many times as long the longest p95 is as the shortest; empty where they are close or there is one."""
    ordered = sorted(curves, key=lambda curve: curve.p95_s)
    shortest, longest = ordered[0], ordered[-1]
    if longest.p95_s < _CLOSE * shortest.p95_s:
        return ""
    times = number(longest.p95_s / shortest.p95_s)
    return f", {times} times as long under {longest.strategy} as under {shortest.strategy}"
