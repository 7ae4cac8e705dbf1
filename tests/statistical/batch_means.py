"""Whether the mean of a stationary, correlated series is what theory says, with a stated rate of false alarms.

The series is cut into batches that are long against its memory, so that their means are nearly independent and nearly
normal (the method of batch means: Law, Simulation Modeling and Analysis, 9.5.3). Student's t over the batches then
refuses a right theory with probability ERROR_RATE. Seeds are fixed, so no outcome changes from run to run.
"""

import numpy as np
from scipy import stats

ERROR_RATE = 1e-6  # of each comparison with a theoretical value
BATCHES = 50


def batch_means(series: np.ndarray, batches: int = BATCHES) -> np.ndarray:
    """The means of consecutive batches of equal length; what is left at the end is dropped."""
    length = len(series) // batches
    if length < 2:
        raise ValueError(f"{len(series)} values are too few for {batches} batches")
    return series[: batches * length].reshape(batches, length).mean(axis=1)


def interval(means: np.ndarray, *, error_rate: float = ERROR_RATE) -> tuple[float, float]:
    """Where the mean of independent values lies, but for `error_rate`."""
    half = stats.t.isf(error_rate / 2, len(means) - 1) * stats.sem(means)
    return float(means.mean() - half), float(means.mean() + half)


def agrees(means: np.ndarray, theory: float, *, error_rate: float = ERROR_RATE) -> bool:
    """Whether these independent values are compatible with the mean that theory says."""
    low, high = interval(means, error_rate=error_rate)
    return low <= theory <= high
