import numpy as np
import pytest

from sim.experiment.deciding import in_words, more_to_decide, replications_to_decide
from sim.experiment.intervals import half_width, t_interval


def drawn(mean: float, count: int = 12) -> list[float]:
    """Differences with exactly this mean and the standard deviation 1."""
    values = np.random.default_rng(3).normal(size=count)
    return list((values - values.mean()) / values.std(ddof=1) + mean)


@pytest.mark.parametrize(
    ("mean", "effect", "distance"),
    [(0.5, 0.2, 0.5), (-0.5, 0.2, 0.5), (0.05, 0.4, 0.35), (-0.05, 0.4, 0.35), (0.0, 0.3, 0.3)],
)
def test_the_half_width_then_reaches_neither_zero_nor_the_effect(mean: float, effect: float, distance: float) -> None:
    count = replications_to_decide(drawn(mean), effect)
    assert count is not None
    assert half_width(1.0, count) < distance <= half_width(1.0, count - 1)


def test_what_is_decided_already_needs_one_more_at_most() -> None:
    assert t_interval(drawn(3.0)).excludes_zero
    assert more_to_decide(drawn(3.0), 0.2) == 1


@pytest.mark.parametrize(
    ("mean", "effect", "words"),
    [(0.3, 0.3005, "too close to the smallest effect that matters"), (0.001, 0.0, "within the noise")],
)
def test_too_close_is_said_instead_of_a_number_of_no_use(mean: float, effect: float, words: str) -> None:
    assert more_to_decide(drawn(mean), effect) is None
    assert in_words(None, drawn(mean), effect).endswith(f"since the difference is {words}")


def test_thousands_have_a_separator() -> None:
    assert in_words(1234, drawn(0.1), 0.2) == "about 1,234 replications more would be needed"
