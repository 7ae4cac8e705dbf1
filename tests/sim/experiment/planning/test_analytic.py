"""Erlang C, asymptotic bounds and the scalability law against what is known of them."""

import numpy as np
import pytest

from sim.experiment.planning.analytic import bounds, erlang_c, probability_of_waiting, variation_of
from sim.experiment.planning.busy import Use
from sim.experiment.planning.scalability import fit, law
from sim.scenario import Dist, Scenario
from tests.sim.experiment.planning.systems import arriving, controller, system


def use(resource: str, places: int, demand_s: float) -> Use:
    return Use(resource=resource, places=places, busy=0, queued=None, demand_s=demand_s, recorded=False)


def exponential(**changes: object) -> Scenario:
    return system(controllers=controller(latency={"bind": {"exponential": {"mean_s": 0.5}}}, **changes))


@pytest.mark.parametrize(
    ("places", "busy", "expected"),
    [(1, 0.7, 0.7), (2, 1.0, 1 / 3), (5, 4.0, 0.5541), (10, 8.0, 0.4092)],  # the last two: printed tables of Erlang C
)
def test_the_probability_of_waiting_is_erlangs(places: int, busy: float, expected: float) -> None:
    assert probability_of_waiting(places, busy) == pytest.approx(expected, abs=1e-4)


def test_one_place_waits_as_in_m_m_1() -> None:
    scenario = exponential(concurrency=1)
    found = erlang_c(scenario, scenario.controllers[0], busy=0.8)
    assert found.calls_per_s == pytest.approx(1.6)
    assert found.waits == pytest.approx(0.8)
    assert found.wait_s == pytest.approx(0.8 * 0.5 / (1 - 0.8))


def test_erlang_c_says_why_it_does_not_apply() -> None:
    constant = system()
    batches = system(workload=arriving(batches={"rate_per_s": 1, "size": 2}))
    kinds = exponential(concurrency=2).model_copy()
    told = system(controllers=controller(latency={"bind": {"exponential": {"mean_s": 0.5}}, "confirm": 0.1}))
    cases = [
        (constant, 1.0, "coefficient of variation 0.00"), (batches, 1.0, "arrivals are 'batches', not Poisson"),
        (told, 1.0, "calls of several kinds"), (kinds, 2.0, "no queue of it is stable"),
    ]  # fmt: skip
    for scenario, busy, why in cases:
        assert why in erlang_c(scenario, scenario.controllers[0], busy=busy).why_not


def test_an_exponential_law_varies_as_much_as_its_mean() -> None:
    assert variation_of(Dist.model_validate({"exponential": {"mean_s": 3}}).build()) == pytest.approx(1, abs=0.02)
    assert variation_of(Dist.of(0).build()) is None


def test_the_bound_is_that_of_the_largest_demand_for_a_place() -> None:
    found = bounds([use("a", 4, 0.2), use("b", 1, 0.1), use("c", 10, 0.0)], empty_s=0.5, think_s=1.5)
    assert found is not None
    assert (found.bottleneck, found.bound_per_s, found.knee) == ("b", pytest.approx(10), pytest.approx(20))
    assert bounds([use("c", 10, 0.0)], empty_s=0.5) is None


def test_a_law_that_holds_is_found_with_its_peak() -> None:
    sizes = np.arange(1, 33, 3.0)
    found = fit(sizes.tolist(), law(sizes, 90.0, 0.05, 0.002).tolist(), over="processes")
    assert found.why_not == ""
    assert (found.gamma, found.alpha, found.beta) == pytest.approx((90, 0.05, 0.002), rel=1e-4)
    assert found.peak == pytest.approx((0.95 / 0.002) ** 0.5, rel=1e-3)
    assert max(map(abs, found.residuals)) < 1e-6


def test_a_law_with_a_negative_coefficient_is_refused_in_words() -> None:
    sizes = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0]
    found = fit(sizes, [size**1.2 for size in sizes], over="processes")  # more than proportional
    assert "comes out negative" in found.why_not
    assert found.peak is None


def test_a_law_that_explains_little_is_refused_in_words() -> None:
    found = fit([1, 2, 3, 4, 5, 6], [5, 9, 4, 10, 3, 9], over="processes")
    assert "explains too little" in found.why_not or "negative" in found.why_not


def test_too_few_sizes_are_refused_in_words() -> None:
    assert "it takes 5" in fit([1, 2, 3, 4], [1, 2, 3, 4], over="clients").why_not
    assert "it takes 5" in fit([0.1] * 9, [1.0] * 9, over="clients").why_not


@pytest.mark.parametrize("beta", [0.0, -5e-7])
def test_without_a_cost_of_pairs_throughput_has_no_peak(beta: float) -> None:
    sizes = np.arange(1, 33, 3.0)
    found = fit(sizes.tolist(), law(sizes, 90.0, 0.05, beta).tolist(), over="processes")
    assert found.why_not == ""
    assert found.peak is None or found.peak > 1000
    assert found.data()["why_not"] == ""
