"""The knee of a latency curve over load. A pure function; figures mark what it gives.

The rule: the load at which p95 is twice what it is at the lightest load of the curve, between two measured loads by
straight line. Twice is a convention, not a law: the system has begun to queue as long as it works (in M/M/1 the mean is
doubled at half of the capacity). A curve that saturates before it doubles has its knee at the last load it carried.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

TIMES = 2.0  # as long as at the lightest load


@dataclass(frozen=True, slots=True, kw_only=True)
class Knee:
    """Where a curve turns up: at this load, with this latency. `saturates`: it was the last load with a latency."""

    load: float
    latency_s: float
    saturates: bool = False


def knee_of(loads: Sequence[float], latency_s: Sequence[float], *, saturated: Sequence[float] = ()) -> Knee | None:
    """The knee of a curve by rising load; None where it neither doubles nor saturates.

    `saturated` are loads at which the system was saturated, so that they have no latency. ValueError for loads that do
    not rise.
    """
    if any(one >= other for one, other in pairwise(loads)):
        raise ValueError(f"loads are {list(loads)}; they must rise")
    limit_s = TIMES * latency_s[0] if latency_s else 0.0
    for place in range(1, len(loads)):
        if latency_s[place] >= limit_s:
            return _between(loads[place - 1 : place + 1], latency_s[place - 1 : place + 1], limit_s)
    if loads and any(load > loads[-1] for load in saturated):
        return Knee(load=loads[-1], latency_s=latency_s[-1], saturates=True)
    return None


def _between(loads: Sequence[float], latency_s: Sequence[float], limit_s: float) -> Knee:
    rise_s = latency_s[1] - latency_s[0]
    share = (limit_s - latency_s[0]) / rise_s if rise_s > 0 else 0.0
    return Knee(load=loads[0] + share * (loads[1] - loads[0]), latency_s=limit_s)
