import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.metrics.statistics import rounded, spread


def test_percentiles_are_observed_values_by_nearest_rank() -> None:
    values = np.arange(1, 101)
    assert spread(values, ("p50", "p95", "p99", "max", "mean", "total")) == {
        "p50": 50, "p95": 95, "p99": 99, "max": 100, "mean": 50.5, "total": 5050,
    }  # fmt: skip


def test_of_nothing_only_the_sum_is_known() -> None:
    assert spread(np.zeros(0, dtype=np.int64), ("p50", "total")) == {"p50": None, "total": 0.0}


def test_numbers_keep_nine_significant_digits() -> None:
    assert rounded(1 / 3) == 0.333333333
    assert rounded(123456789.4) == 123456789.0


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 1000), min_size=1, max_size=60), st.sampled_from([50, 95, 99]))
def test_a_percentile_is_the_smallest_value_that_enough_do_not_exceed(values: list[int], share: int) -> None:
    found = spread(np.array(values), (f"p{share}",))[f"p{share}"]
    enough = [value for value in values if 100 * sum(v <= value for v in values) >= share * len(values)]
    assert found == min(enough)


@pytest.mark.parametrize("count", [1, 2, 19, 20, 21])
def test_the_95th_percentile_of_few_values_is_one_of_the_largest(count: int) -> None:
    assert spread(np.arange(count), ("p95",))["p95"] >= count - 2
