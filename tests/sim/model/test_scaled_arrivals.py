"""A scaled load plays the same arrivals at another pace: same order, same numbers, same tenants."""

from typing import Any

import numpy as np
import pytest

from sim.kernel import Draws
from sim.model.arrivals import Arrivals, open_arrivals
from sim.scenario import Scenario
from sim.scenario.scaling import scaled
from tests.sim.model.tiny import tiny

MODULATED = {
    "rate_per_s": 2,
    "size": {"geometric": {"mean": 3}},
    "modulation": {"cv": 0.5, "correlation": 0.9, "interval_s": 5},
}


def loaded(**kind: Any) -> Scenario:
    return tiny(horizon={"duration_s": 100}, topology={"tenants": 7}, workload={"arrivals": kind})


def at(scenario: Scenario, rate_per_s: float) -> Arrivals:
    return open_arrivals(scaled(scenario, "workload.rate_per_s", rate_per_s), Draws(3))


@pytest.mark.parametrize(("slow", "fast"), [(5, 10), (5, 5.1), (5, 47.3)])
def test_poisson_arrivals_of_a_higher_rate_are_the_same_ones_closer_together(slow: float, fast: float) -> None:
    scenario = loaded(poisson={"rate_per_s": 5})
    few, many = at(scenario, slow), at(scenario, fast)
    ratio = np.asarray(few.at_us) * slow / (np.asarray(many.at_us[: len(few.at_us)]) * fast)
    assert len(few.at_us) < len(many.at_us)
    assert ratio == pytest.approx(1, abs=1e-4)  # both are whole microseconds


@pytest.mark.parametrize("batches", [{"rate_per_s": 2, "size": {"geometric": {"mean": 3}}}, MODULATED])
def test_batches_of_a_higher_rate_keep_their_order_sizes_and_tenants(batches: dict[str, Any]) -> None:
    scenario = loaded(batches=batches)
    few, many = at(scenario, 6), at(scenario, 12)
    count = len(few.at_us)
    assert few.tenants.tolist() == many.tenants[:count].tolist()  # type: ignore[union-attr]
    assert few.numbers == many.numbers[:count]  # type: ignore[index]
    assert (np.asarray(few.at_us) > np.asarray(many.at_us[:count])).all()


def test_operations_of_batches_that_overlap_keep_their_numbers() -> None:
    scenario = loaded(batches={"rate_per_s": 2, "size": 5, "spacing_s": {"exponential": {"mean_s": 1}}})
    few, many = at(scenario, 5), at(scenario, 20)
    assert few.numbers is not None
    assert many.numbers is not None
    assert few.numbers != sorted(few.numbers)  # they do overlap
    of_few, of_many = (dict(zip(each.numbers or (), each.tenants, strict=True)) for each in (few, many))
    assert all(of_many[number] == of_few[number] for number in of_few.keys() & of_many.keys())
    assert len(of_few.keys() & of_many.keys()) > 0.9 * len(of_few)
    since_start = dict(zip(few.numbers, few.at_us, strict=True))
    first = {number: since_start[number] - since_start[number - number % 5] for number in (1, 2, 3, 4)}
    later = dict(zip(many.numbers, many.at_us, strict=True))
    assert {number: later[number] - later[0] for number in (1, 2, 3, 4)} == first


def test_a_larger_storm_only_adds_operations() -> None:
    scenario = loaded(storm={"at_s": 3, "count": 4})
    found = open_arrivals(scaled(scenario, "workload.batch_scale", 2.5), Draws(1))
    assert found.at_us.tolist() == [3_000_000] * 10  # type: ignore[union-attr]
