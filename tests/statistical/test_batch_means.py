import numpy as np
import pytest

from tests.statistical.batch_means import agrees, batch_means, interval


def test_batches_are_consecutive_and_equally_long() -> None:
    assert list(batch_means(np.array([1, 3, 5, 7, 9.0, 100]), batches=2)) == [3, (7 + 9 + 100) / 3]
    assert list(batch_means(np.array([1, 3, 5, 7, 100.0]), batches=2)) == [2, 6]


def test_too_few_values_are_no_batches() -> None:
    with pytest.raises(ValueError, match="3 values are too few for 2 batches"):
        batch_means(np.arange(3), batches=2)


@pytest.mark.parametrize("error_rate", [0.05, 0.2])
def test_a_right_mean_is_refused_as_often_as_stated(error_rate: float) -> None:
    draws, tries = np.random.default_rng(5), 4000
    refused = sum(not agrees(draws.normal(2.0, 3.0, size=50), 2.0, error_rate=error_rate) for _ in range(tries))
    assert abs(refused / tries - error_rate) < 5 * (error_rate * (1 - error_rate) / tries) ** 0.5


def test_a_smaller_error_rate_makes_a_wider_interval() -> None:
    means = np.arange(10.0)
    assert interval(means, error_rate=1e-6)[0] < interval(means, error_rate=0.05)[0] < means.mean()
