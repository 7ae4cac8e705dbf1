"""How much quicker computing is on a core that was busy: its caches are warm, and it need not wake.

Seen in service: a statement whose server thread had to wait for a core finds one that somebody has just used.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim.calibration.stopwatch import CLOSE, Timings

_AT_ONCE_NS = 2_000  # waits up to this are none: what waking takes (assumption)
_WAITED_NS = 20_000  # waits from this on are for somebody who computes (assumption)
_FEWEST = 30  # calls of either sort; below, a name says nothing


@dataclass(frozen=True, slots=True)
class BusyCores:
    """`factor` is what computing that waited takes, of what it takes on an idle core; `share` of all calls waited."""

    factor: float
    share: float

    @property
    def idle_over_mean(self) -> float:
        """What computing takes on an idle core, over its mean."""
        return 1 / (1 - self.share * (1 - self.factor))


NOT_KNOWN = BusyCores(1.0, 0.0)


def busy_cores(calls: Mapping[tuple[str, bool], Timings]) -> BusyCores:
    """From calls in service: both sides' computing, each name compared with itself, weighted by its waiting calls."""
    at_once = waited = 0.0
    shares = []
    for (name, _), timings in calls.items():
        if name == CLOSE:
            continue
        queued = timings.queued_ns >= _WAITED_NS
        shares.append((len(timings), float(queued.mean())))
        computed, idle = timings.client_ns + timings.server_ns, timings.queued_ns < _AT_ONCE_NS
        if min(queued.sum(), idle.sum()) >= _FEWEST:
            at_once += float(queued.sum()) * float(computed[idle].mean())
            waited += float(computed[queued].sum())
    if not at_once:
        return NOT_KNOWN
    counts, found = np.array(shares).T
    return BusyCores(min(1.0, waited / at_once), float(np.average(found, weights=counts)))
