"""How near a prediction has to come, by metric and load.

The loads are shares of the measured capacity. At a high load a queue magnifies every difference, so that two
measurements of the same thing differ too: there what counts is how far those lie apart.
"""

from dataclasses import dataclass

from sim.scenario.kinds import KINDS

LOADS = (0.3, 0.6, 0.85)  # shares of the measured capacity
HIGH_LOAD = 0.8  # share from which a prediction is compared with the spread of two measurements
_HIGH_TOLERANCE = 0.20  # share of the measured value
_SPREADS = 2.0  # of the pair of measured runs

_OPERATIONS = ("all", *KINDS)
METRICS = (
    "throughput_per_s.all.mean",
    *(f"latency_s.{operation}.{which}" for operation in _OPERATIONS for which in ("p50", "p95", "p99")),
    "hold_time_s.p50", "hold_time_s.p95", "lock_wait_s.mean", "lock_wait_s.p95",
    "attempts_per_binding_count.mean",
)  # fmt: skip
"""What is compared, in the order of the table; retries and lost bindings follow, as they occur."""
COUNTS = ("retries_count.", "lost_bindings_count.")
"""Families whose metrics are compared where one of the two has them."""


@dataclass(frozen=True, slots=True)
class Target:
    """At most so far from the measured value: a share of it; or inside its interval."""

    share: float | None
    inside_interval: bool = False


def targets_of(metric: str, load: float) -> Target | None:
    """What is to be reached for a metric at a load; None where nothing is asked, and the value only shown."""
    if metric.startswith("retries_count."):
        return Target(None, inside_interval=True)
    share = _share(metric)
    if share is None:
        return None
    return Target(_HIGH_TOLERANCE if load >= HIGH_LOAD else share)


def _share(metric: str) -> float | None:
    if metric.startswith("throughput_per_s.all"):
        return 0.05
    if metric.startswith("latency_s.all"):
        return 0.20 if metric.endswith(".p99") else 0.10
    if metric.startswith("hold_time_s"):
        return 0.10
    return None


def allowed(target: Target, load: float, measured: float, spread: float | None) -> float:
    """How far the prediction may lie from the measured value, in the metric's unit."""
    share = abs(measured) * (target.share or 0.0)
    return max(share, _SPREADS * (spread or 0.0)) if load >= HIGH_LOAD else share
