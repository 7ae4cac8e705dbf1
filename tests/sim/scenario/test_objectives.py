"""The parser of objectives: what it reads, what it refuses, and with which words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.scenario.objectives import COMPARISONS, Objective, ObjectiveError, parse_objective

P95 = "latency_s.create_port.p95"


def test_an_objective_is_a_metric_a_comparison_and_a_number() -> None:
    assert parse_objective("latency_s.create_port.p95 < 5") == Objective(P95, "<", 5.0)
    assert parse_objective("  lost_bindings_count.orphaned-late.total==0 ").metric == (
        "lost_bindings_count.orphaned-late.total"
    )
    assert parse_objective("lock_wait_s.p95 <= 1.5e-3").limit == 0.0015
    assert parse_objective("saturated_from_s.first > -1").limit == -1


def test_none_in_so_many_operations_demands_them() -> None:
    assert parse_objective("stalls_count.total == 0 in 10,000 operations").operations == 10_000
    assert parse_objective("stalls_count.total == 0 in 1 operation").operations == 1
    assert parse_objective("stalls_count.total == 0").operations is None


@pytest.mark.parametrize(
    ("comparison", "below", "equal", "above"),
    [
        ("<", True, False, False),
        ("<=", True, True, False),
        ("==", False, True, False),
        (">=", False, True, True),
        (">", False, False, True),
    ],
)
def test_a_value_keeps_it_or_not(comparison: str, below: bool, equal: bool, above: bool) -> None:
    objective = parse_objective(f"{P95} {comparison} 5")
    assert [objective.holds(value) for value in (4.9, 5.0, 5.1)] == [below, equal, above]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "'' holds no comparison: it must have the form METRIC < NUMBER, with one of < <= == >= >"),
        (P95, f"'{P95}' holds no comparison: "),
        (f"{P95} = 5", f"'{P95} = 5': '=' is no comparison; allowed: < <= == >= >; did you mean ==?"),
        (f"{P95} ≤ 5", "'≤' is no comparison; allowed: < <= == >= >; did you mean <=?"),
        (f"{P95} != 5", "'!=' is no comparison; allowed: < <= == >= >"),
        (f"1 < {P95} < 5", "'1 < latency_s.create_port.p95 < 5' does not begin with a metric's name"),
        ("latency < 5", "'latency < 5' does not begin with a metric's name, such as latency_s.create_port.p95"),
        (f"{P95} <", f"'{P95} <': the number is missing; give a finite one"),
        (f"{P95} < 5 s", "'5 s' is no number; give a finite one in the metric's own unit, without the unit, such as 5"),
        (f"{P95} < inf", "'inf' is no number"),
        (f"{P95} < nan", "'nan' is no number"),
        (f"{P95} < 1_0", "'1_0' is no number"),
        (f"{P95} < 5 in 100 operations", "a number of operations belongs to == 0 only"),
        ("stalls_count.total == 0 in 0 operations", "'0' is no number of operations; it must be at least 1"),
        ("stalls_count.total == 0 in many operations", "'many' is no number of operations"),
        (f"{P95} < 5 and {P95} > 1", "'5 and latency_s.create_port.p95 > 1' is no number"),
        ("x" * 301, "' is longer than 300 characters"),
    ],
)
def test_a_refusal_says_what_is_wrong_and_what_is_allowed(text: str, said: str) -> None:
    with pytest.raises(ObjectiveError) as refused:
        parse_objective(text)
    assert said in str(refused.value)


finite = st.floats(allow_nan=False, allow_infinity=False)


@given(comparison=st.sampled_from(sorted(COMPARISONS)), limit=finite)
def test_the_text_of_an_objective_means_the_same_objective(comparison: str, limit: float) -> None:
    objective = Objective(P95, comparison, limit)
    assert parse_objective(objective.text) == objective


@given(operations=st.integers(min_value=1, max_value=10**12))
def test_so_does_the_text_of_one_with_operations(operations: int) -> None:
    objective = Objective("stalls_count.total", "==", 0.0, operations)
    assert parse_objective(objective.text) == objective


@given(st.text(max_size=80))
def test_any_other_text_is_refused_in_words(text: str) -> None:
    try:
        parse_objective(text)
    except ObjectiveError as refused:
        assert str(refused)  # noqa: PT017 (a text that is an objective by chance is fine too)
