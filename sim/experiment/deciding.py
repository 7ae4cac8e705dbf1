"""How many replications more would decide a verdict that is inconclusive, and the words for it.

Called by sim.experiment.verdict, whose rule it turns round. It takes the mean of the paired differences and their
spread as they are so far: a guess, and said so. It runs nothing.
"""

from collections.abc import Sequence
from math import copysign
from statistics import fmean

from sim.experiment.intervals import LEAST_REPLICATIONS, MOST_TOLD, replications_needed

VALUES_MISSING = "values are missing, which no number of replications brings back"
NONE_SEEN = "none seen under either strategy, so nobody can tell how many replications would show one"


def replications_to_decide(differences: Sequence[float], effect: float) -> int | None:
    """How many replications in all, at this mean and spread, until the verdict is better, worse or no difference.

    A mean of at least `effect` (in the metric's unit, as the differences) needs an interval without zero, a smaller one
    an interval within the effect. None when it would be more than MOST_TOLD.
    """
    mean = fmean(differences)
    limit = 0.0 if abs(mean) >= effect else copysign(effect, mean)
    return replications_needed(differences, limit)


def more_to_decide(differences: Sequence[float], effect: float) -> int | None:
    """How many replications more, at least 1; None when more than MOST_TOLD would be needed."""
    needed = replications_to_decide(differences, effect)
    return None if needed is None else max(1, needed - len(differences))


def in_words(more: int | None, differences: Sequence[float], effect: float) -> str:
    """What `more_to_decide` says, for the end of a sentence."""
    if more is not None:
        about = "at least" if len(differences) < 2 else "about"
        return f"{about} {more:,} {'replication' if more == 1 else 'replications'} more would be needed"
    close = "too close to the smallest effect that matters" if abs(fmean(differences)) < effect else "within the noise"
    return f"more than {MOST_TOLD:,} replications would be needed, since the difference is {close}"


def too_few(count: int) -> str:
    """Why so few replications decide nothing."""
    are = "replication is" if count == 1 else "replications are"
    return f"{count} {are} too few for an interval (at least {LEAST_REPLICATIONS})"
