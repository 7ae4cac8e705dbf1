import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.report.figures.knee import knee_of


def test_the_knee_is_where_the_latency_of_the_lightest_load_has_doubled() -> None:
    found = knee_of([1, 2, 3, 4], [1.0, 1.2, 1.6, 2.4])
    assert found is not None
    assert (found.load, found.latency_s, found.saturates) == (pytest.approx(3.5), 2.0, False)


def test_a_curve_that_saturates_before_it_doubles_turns_at_the_last_load_that_it_carried() -> None:
    found = knee_of([1, 2], [1.0, 1.5], saturated=[3, 4])
    assert found is not None
    assert (found.load, found.latency_s, found.saturates) == (2, 1.5, True)


@pytest.mark.parametrize("latency_s", [[], [1.0], [1.0, 1.1, 1.9]])
def test_a_flat_curve_has_no_knee(latency_s: list[float]) -> None:
    assert knee_of(list(range(len(latency_s))), latency_s) is None


def test_loads_that_do_not_rise_are_refused() -> None:
    with pytest.raises(ValueError, match="they must rise"):
        knee_of([1, 1], [1.0, 2.0])


@given(
    latency_s=st.lists(st.floats(0.001, 1000), min_size=2, max_size=8),
    scale=st.floats(0.1, 10),
)
def test_the_knee_lies_on_the_curve_and_does_not_depend_on_units(latency_s: list[float], scale: float) -> None:
    loads = list(range(1, len(latency_s) + 1))
    found = knee_of(loads, latency_s)
    scaled = knee_of([scale * load for load in loads], latency_s)
    assert (found is None) == (max(latency_s) < 2 * latency_s[0])
    if found is not None and scaled is not None:
        assert 1 <= found.load <= len(loads)
        assert found.latency_s == 2 * latency_s[0]
        assert scaled.load == pytest.approx(scale * found.load)
