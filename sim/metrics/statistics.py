"""Statistics of one replication's observations: nearest-rank percentiles, mean, maximum, sum.

Used by sim.metrics.measure. All input is whole microseconds or counts, so the same rows give the same digits.
"""

from typing import Any

import numpy as np

Whole = np.ndarray[Any, np.dtype[np.int64]]

_SHARES = {"p50": 50, "p95": 95, "p99": 99}
SIGNIFICANT_DIGITS = 9  # of every number in a summary (design, section 7)


def rounded(value: float) -> float:
    """`value` with nine significant digits."""
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}")


def spread(values: Whole, statistics: tuple[str, ...], *, scale: float = 1.0) -> dict[str, float | None]:
    """The statistics of `values` divided by `scale`; None where there is no value (but a sum is 0)."""
    if not len(values):
        return {name: 0.0 if name == "total" else None for name in statistics}
    ordered = np.sort(values)
    return {name: rounded(_statistic(ordered, name) / scale) for name in statistics}


def _statistic(ordered: Whole, name: str) -> float:
    if name in _SHARES:
        # Whole-number arithmetic: 0.95 * n in floating point can land above the whole number that it means.
        return float(ordered[-(-_SHARES[name] * len(ordered) // 100) - 1])
    if name == "max":
        return float(ordered[-1])
    total = int(ordered.sum())
    return total / len(ordered) if name == "mean" else float(total)
