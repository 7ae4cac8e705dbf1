"""Whether a run was saturated: its backlog grew until the arrivals stopped.

Called by the simulation when the load has ended. The backlog is the number of operations that should have
started and are not answered. A burst, a long latency or a slow start raise it too, so the rule asks for four
things:

1. in the last half of the load the *floor* of the backlog (its minimum in each tenth of the load) rises in
   most steps, is highest at the end, and never falls by more than a fifth of its rise: a stable system's
   floor comes down again between bursts;
2. over that half it rises by at least 10 operations and 2 % of the operations that began in it: fewer cannot
   be told from chance;
3. the last fifth of the operations takes at least 1.25 times as long, on average, as the fifth in the middle,
   or most of it is unanswered: under a steady overload latency grows with time (0.9 / 0.5 = 1.8 times), while
   a latency that is merely long stays;
4. there is a load with a length: a storm at one instant has none.

The start of the saturation is the last moment at which the backlog was within a tenth of its growth above the
floor from which it grew. The constants are assumptions, chosen so that the hand-made loads in
tests/sim/metrics/test_saturation.py are told apart. Of 200 queues with 1200 operations in 60 s each and one
server with exponential service, the rule calls saturated: 0 % at a load of 0.8, 0.5 % at 0.9, 20 % at 1.0, 82
% at 1.15, 97.5 % at 1.3, all at 1.5 (`python tests/sim/metrics/measure_saturation.py`).
"""

from dataclasses import dataclass

import numpy as np

from sim.metrics.statistics import Whole
from sim.metrics.table import Table

_SLICES = 10  # parts of the load in which the floor is taken; assumption
_HALF = _SLICES // 2
_LEAST_RISE = 10  # operations; assumption
_LEAST_SHARE = 0.02  # of the operations that began in the last half; assumption
_LEAST_SLOWING = 1.25  # latency of the last fifth over that of the middle fifth; assumption
_LARGEST_DIP = 0.2  # of the rise; assumption
_NEAR_FLOOR = 0.1  # of the growth; assumption


@dataclass(frozen=True, slots=True)
class Saturation:
    """From when the backlog grew, and how many operations had no answer when the arrivals stopped."""

    from_us: int
    unfinished: int

    def __str__(self) -> str:
        return f"saturated from t = {self.from_us / 1e6:.6g} s, {self.unfinished} unfinished"


def detect_saturation(operations: Table, *, load_end_us: int, now_us: int) -> Saturation | None:
    """The saturation that the operations table shows, or None.

    The unanswered (ended_us -1) age until `now_us`.
    """
    rows = operations.to_numpy()
    sent = rows["outcome"] != operations.codes("outcome").find("no_target")
    sent &= rows["intended_us"] <= load_end_us
    began = rows["intended_us"][sent].astype(np.int64)
    never_us = max(now_us, load_end_us) + 1
    ended = np.where(rows["ended_us"][sent] < 0, never_us, rows["ended_us"][sent])
    if len(began) < _SLICES or load_end_us <= began.min():
        return None
    if not _slows(began, ended, never_us):
        return None
    return _growth(began, ended, load_end_us)


def _slows(began: Whole, ended: Whole, never_us: int) -> bool:
    order = np.argsort(began, kind="stable")
    latency, unanswered = (ended - began)[order], (ended == never_us)[order]
    fifth = max(1, len(order) // 5)
    slower = latency[-fifth:].mean() >= _LEAST_SLOWING * latency[2 * fifth : 3 * fifth].mean()
    # The age of what is unanswered is cut off by the end of the run, most for the last to come.
    return bool(slower or unanswered[-fifth:].mean() > 0.5)


def _growth(began: Whole, ended: Whole, load_end_us: int) -> Saturation | None:
    times, levels = _backlog(began, ended, load_end_us)
    floors = _floors(times, levels, int(began.min()), load_end_us)
    half = floors[_HALF - 1 :]
    arrivals = int((began >= (int(began.min()) + load_end_us) // 2).sum())
    if half[-1] - half[0] < max(_LEAST_RISE, _LEAST_SHARE * arrivals) or not _keeps_rising(half):
        return None
    return Saturation(_start(times, levels, floors), int(levels[-1]))


def _keeps_rising(floors: Whole) -> bool:
    steps = np.diff(floors)
    dip = -_LARGEST_DIP * (floors[-1] - floors[0])
    return bool(floors[-1] == floors.max() and (steps > 0).sum() > len(steps) // 2 and (steps >= dip).all())


def _backlog(began: Whole, ended: Whole, load_end_us: int) -> tuple[Whole, Whole]:
    """The moments at which the backlog changes, up to the load's end, and its level from each on."""
    times = np.concatenate([began, ended])
    changes = np.concatenate([np.ones_like(began), -np.ones_like(ended)])
    order = np.argsort(times, kind="stable")
    times, levels = times[order], np.cumsum(changes[order])
    last_of_its_time = np.append(times[1:] != times[:-1], True)
    kept = last_of_its_time & (times <= load_end_us)
    return times[kept], levels[kept]


def _floors(times: Whole, levels: Whole, from_us: int, to_us: int) -> Whole:
    edges = np.linspace(from_us, to_us, _SLICES + 1)
    first = np.searchsorted(times, edges[:-1], side="right") - 1  # the level that holds when a slice begins
    last = np.searchsorted(times, edges[1:], side="right")
    return np.array([levels[max(0, a) : max(a + 1, b)].min() for a, b in zip(first, last, strict=True)])


def _start(times: Whole, levels: Whole, floors: Whole) -> int:
    dips = np.flatnonzero(np.diff(floors) < -_LARGEST_DIP * (floors[-1] - floors[_HALF - 1]))
    base = floors[dips[-1] + 1] if len(dips) else floors[0]
    near = levels <= base + _NEAR_FLOOR * (floors[-1] - base)
    return int(times[np.flatnonzero(near)[-1]]) if near.any() else int(times[0])
