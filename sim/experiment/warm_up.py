"""Where the warm-up of a steady-state scenario ends: MSER-5 on the series averaged over replications, one cut for all.

Used by sim.experiment.rounds. The rule is White's (K. P. White, "An effective truncation heuristic for bias reduction
in simulation output", Simulation 69(6), 1997), on means of five observations (K. P. White, M. J. Cobb, S. C. Spratt,
"A comparison of five steady-state truncation heuristics for simulation", Winter Simulation Conference 2000). Of the
batch means z_1 ... z_n the first d are cut for which

    sum over i > d of (z_i - mean of z_(d+1) ... z_n)^2 / (n - d)^2

is smallest. Cuts that leave fewer than five batches are not looked at, since so few can be alike by chance. A cut in
the second half says that the series is too short, or that there is no steady state: it is refused.

A strategy's series is the mean over its replications of the latency of the k-th operation. No replication is cut by
itself: where a run happens to be calm would decide where its measurement begins, which biases the mean and makes its
interval too narrow. The largest cut of all strategies holds for all, so that they are measured on the same stretch. In
time it is the latest intended start, over all replications, of the first operation that is kept. Strategies of which a
replication is saturated or stalled take no part: their latencies are not given anyway.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.metrics.facts import Micros
from sim.metrics.measure import Values
from sim.metrics.steady import Series
from sim.scenario import Horizon

BATCH = 5  # observations
LEAST_LEFT = 5  # batches that a cut leaves at least
LEAST_OPERATIONS = 100  # of a series; assumption: twenty batches, ten in the half in which the cut must lie
UNSETTLED = "unsettled: too short or unstable"
"""Why a value is missing when the cut is refused."""

Floats = np.ndarray[Any, np.dtype[np.float64]]


class TooShort(Exception):
    """A series of which no warm-up can be found; the message says how long it is and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WarmUp:
    """The cut. `cut_us` None: it is refused. `operations` lie before it, of the `length` of the series."""

    cut_us: int | None
    operations: int
    length: int
    found: bool  # by MSER-5; else it was given

    def data(self) -> dict[str, Any]:
        """As it stands in a summary."""
        return {
            "cut_s": None if self.cut_us is None else self.cut_us / 1e6, "operations": self.operations,
            "series_operations": self.length, "by": "MSER-5" if self.found else "given",
        }  # fmt: skip


class Averaged:
    """The sum of a strategy's series over its replications, as long as the shortest; nothing else is kept of them."""

    def __init__(self) -> None:
        self._sum: Micros | None = None
        self._latest: Micros | None = None  # the latest start of the k-th operation
        self._count = 0
        self.is_unstable = False

    def add(self, series: Series, *, outcome: str) -> None:
        """One replication, and how it ended."""
        self.is_unstable |= outcome in ("saturated", "stalled")
        length = min(len(series.starts), len(self))
        latest, total = self._latest, self._sum
        self._sum = series.latencies[:length] + (0 if total is None else total[:length])
        starts = series.starts[:length]
        self._latest = starts if latest is None else np.maximum(latest[:length], starts)
        self._count += 1

    def __len__(self) -> int:
        return 2**62 if self._sum is None else len(self._sum)

    @property
    def mean(self) -> Floats:
        """The averaged series, us."""
        return np.empty(0) if self._sum is None else self._sum / self._count

    def start_of(self, operation: int) -> int:
        """The latest intended start of an operation of the series, over the replications, us."""
        return 0 if self._latest is None or not operation else int(self._latest[operation])

    def before(self, cut_us: int) -> int:
        """How many operations of every replication lie before a cut."""
        return 0 if self._latest is None else int((self._latest < cut_us).sum())


def mser5(series: Floats) -> int | None:
    """How many observations to cut, a multiple of five; None when that would be more than half of them."""
    count = len(series) // BATCH
    batches = series[: count * BATCH].reshape(count, BATCH).mean(axis=1)
    batches = batches - batches.mean()  # without a large common part the sums below lose no digits
    left = np.arange(count, 0, -1)
    sums, squares = np.cumsum(batches[::-1])[::-1], np.cumsum(batches[::-1] ** 2)[::-1]
    errors = (squares - sums**2 / left) / left**2
    cut = int(np.argmin(errors[: count - LEAST_LEFT + 1]))
    return None if 2 * cut > count else cut * BATCH


def find_warm_up(horizon: Horizon, averaged: Mapping[str, Averaged]) -> WarmUp:
    """The cut for all strategies. Raises TooShort when a series is too short to find one."""
    stable = [each for each in averaged.values() if not each.is_unstable]
    length = min((len(each) for each in stable), default=0)
    if horizon.warm_up_s is not None:
        return _given(round(horizon.warm_up_s * 1e6), stable, length)
    if stable and length < LEAST_OPERATIONS:
        raise TooShort(_too_short(averaged))
    cuts = [mser5(each.mean) for each in stable]
    known = [cut for cut in cuts if cut is not None]
    if not stable or len(known) < len(cuts):
        return WarmUp(cut_us=None, operations=0, length=length, found=True)
    cut_us = max(each.start_of(cut) for each, cut in zip(stable, known, strict=True))
    return WarmUp(cut_us=cut_us, operations=min(each.before(cut_us) for each in stable), length=length, found=True)


def without_values(values: Values) -> Values:
    """The same metrics, each missing because the cut is refused."""
    return Values(dict.fromkeys(values.values), dict.fromkeys(values.values, UNSETTLED))


def _given(cut_us: int, stable: list[Averaged], length: int) -> WarmUp:
    operations = min((each.before(cut_us) for each in stable), default=0)
    return WarmUp(cut_us=cut_us, operations=operations, length=length, found=False)


def _too_short(averaged: Mapping[str, Averaged]) -> str:
    name, shortest = min(averaged.items(), key=lambda each: len(each[1]))
    return (
        f"is steady_state, but the shortest replication of {name} has {len(shortest)} operations to find the warm-up "
        f"from; it takes {LEAST_OPERATIONS}: lengthen duration_s, raise the load, or give warm_up_s"
    )
