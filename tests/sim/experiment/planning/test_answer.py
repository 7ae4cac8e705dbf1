"""What the roots of replications amount to: interval, load in 95 %, probability, gaps."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from sim.experiment.planning import Configuration
from sim.experiment.planning.answer import Answer, binomial_limits
from sim.experiment.planning.search import ALL, FOUND, NONE, Root
from sim.experiment.planning.tasks import Point, Searched
from tests.sim.experiment.planning.systems import question, system


def answer(*mets: float | None, above: float | None = None) -> Answer:
    """Roots that were found at these loads, to 2 %; None: at no load."""
    roots = [
        Root(ending=NONE, met=None, missed=0.1) if met is None
        else Root(ending=FOUND, met=met, missed=met * 1.02, passes_above=above)
        for met in mets
    ]  # fmt: skip
    return Answer([Searched(replication=n, root=root, points=()) for n, root in enumerate(roots)])


def test_the_mean_has_a_t_interval_and_the_load_in_95_percent_is_one_that_was_run() -> None:
    found = answer(10, 11, 12, 13, 14)
    assert found.interval is not None
    assert found.interval.mean == pytest.approx(12 * 1.02**0.5, rel=1e-8)
    assert found.interval.half == pytest.approx(2.776 * (2.5 / 5) ** 0.5 * 1.02**0.5, rel=1e-3)
    assert found.met_in_95 == 10
    assert found.is_conclusive


def test_of_twenty_replications_one_may_carry_less() -> None:
    assert answer(*range(1, 21)).met_in_95 == 2
    assert answer(*range(1, 20)).met_in_95 == 1


def test_a_replication_in_which_no_load_meets_leaves_no_mean_and_no_load_in_95_percent() -> None:
    found = answer(None, 11, 12, 13, 14)
    assert (found.ending, found.interval, found.met_in_95, found.is_conclusive) == ("mixed", None, 0.0, False)
    assert found.data()["none"] == 1


def test_what_every_load_meets_has_no_mean_either() -> None:
    found = Answer([Searched(replication=0, root=Root(ending=ALL, met=100, missed=None), points=())])
    assert (found.ending, found.interval, found.met_in_95) == (ALL, None, 100)


def test_the_probability_falls_over_load_and_has_exact_limits() -> None:
    curve = answer(10, 11, 12, 13).probabilities()
    assert [each.met for each in curve] == sorted((each.met for each in curve), reverse=True)
    assert (curve[0].load, curve[0].met, curve[-1].met) == (10, 4, 0)
    expected = binomtest(4, 4).proportion_ci(0.95, method="exact")
    assert (curve[0].low, curve[0].high) == pytest.approx((expected.low, expected.high))


@settings(deadline=None)
@given(st.integers(0, 40).flatmap(lambda met: st.tuples(st.just(met), st.integers(max(1, met), 60))))
def test_binomial_limits_are_those_of_clopper_and_pearson(trials: tuple[int, int]) -> None:
    met, count = trials
    expected = binomtest(met, count).proportion_ci(0.95, method="exact")
    assert binomial_limits(met, count) == pytest.approx((expected.low, expected.high), abs=1e-7)


def test_a_failure_far_below_a_load_that_met_is_a_gap_and_one_beside_it_is_noise() -> None:
    assert len(answer(10, 10, 10, 10, 10, above=20).gaps) == 5
    assert not answer(10, 10, 10, 10, 10, above=20).is_conclusive
    assert answer(10, 10, 10, 10, 10, above=10.9).gaps == ()


@pytest.mark.parametrize(("demanded", "lacks"), [(1200, False), (1201, True)])
def test_operations_without_any_such_event_are_counted_at_the_loads_that_were_met(demanded: int, lacks: bool) -> None:
    root = Root(ending=FOUND, met=10, missed=10.2)
    points = tuple(
        Point(load=load, replication=0, missed=(), ending="ok", operations=600, values={}) for load in (5, 10, 10.2)
    )
    found = Answer([Searched(replication=n, root=root, points=points) for n in range(2)])
    assert found.operations == 1200
    asked = question(system(), f"errors_count.all.total == 0 in {demanded} operations")
    assert Configuration(question=asked, answer=found).lacks_operations is lacks
