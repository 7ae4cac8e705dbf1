"""The search for the highest load that meets: on made-up responses, nothing is run."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.experiment.planning.search import ALL, FOUND, NARROW, NONE, Range, Root, next_load, search

LOADS = st.floats(0.05, 2000)


class Asked:
    """A response that remembers what it was asked."""

    def __init__(self, meets: Callable[[float], bool]) -> None:
        self._meets = meets
        self.loads: list[float] = []

    def __call__(self, load: float) -> bool:
        assert load not in self.loads, "no load is asked twice"
        self.loads.append(load)
        return self._meets(load)


def wide(start: float = 10, **changes: float) -> Range:
    return Range(**{"start": start, "lowest": 0.01, "highest": 10_000, **changes})  # type: ignore[arg-type]


@settings(deadline=None)
@given(limit=LOADS, start=LOADS, step=st.sampled_from([2.0, NARROW, 1.5]))
def test_the_limit_of_a_monotone_response_is_found_within_the_tolerance(
    limit: float, start: float, step: float
) -> None:
    asked = Asked(lambda load: load <= limit)
    root = search(asked, wide(start, step=step))
    assert root.ending == FOUND
    assert root.is_monotone
    assert root.met is not None
    assert root.missed is not None
    assert root.met <= limit < root.missed <= root.met * 1.0201
    assert root.value == pytest.approx(limit, rel=0.02)
    assert len(asked.loads) < 40


@settings(deadline=None)
@given(limit=st.integers(1, 3000), start=st.integers(1, 3000), step=st.sampled_from([2.0, NARROW]))
def test_a_whole_limit_is_found_exactly_as_long_as_one_is_more_than_the_tolerance(
    limit: int, start: int, step: float
) -> None:
    asked = Asked(lambda load: load <= limit)
    root = search(asked, Range(start=start, lowest=1, highest=5000, step=step, whole=True))
    assert all(load == int(load) >= 1 for load in asked.loads)
    assert root.value == root.met
    assert root.met is not None
    assert root.met <= limit
    assert root.met == limit if limit <= 50 else root.met >= limit / 1.021


def test_a_start_near_the_limit_needs_few_questions() -> None:
    near, far = (Asked(lambda load: load <= 100) for _ in range(2))
    search(near, wide(101, step=NARROW))
    search(far, wide(1))
    assert len(near.loads) == 4
    assert len(far.loads) == 14
    assert max(near.loads) <= 101


def test_far_from_a_narrow_start_the_steps_grow() -> None:
    asked = Asked(lambda load: load <= 1000)
    search(asked, wide(10, step=NARROW))
    assert asked.loads[:8] == pytest.approx([10, 10.5, 11.025, 12.1551, 14.7746, 21.8288, 43.6576, 87.3152], rel=1e-5)


def test_a_step_down_of_its_own_confirms_a_known_answer_with_two_questions() -> None:
    asked = Asked(lambda load: load <= 100)
    root = search(asked, wide(101, step=NARROW, step_down=1.02))
    assert asked.loads == [101, 99.0196]
    assert (root.met, root.missed) == (99.0196, 101)


def test_a_load_that_nothing_meets_is_said_to_be_so() -> None:
    asked = Asked(lambda _: False)
    root = search(asked, wide())
    assert (root.ending, root.met, root.missed, root.value) == (NONE, None, 0.01, 0.0)


def test_a_load_that_everything_meets_is_said_to_be_so() -> None:
    root = search(Asked(lambda _: True), wide())
    assert (root.ending, root.met, root.missed, root.value) == (ALL, 10_000, None, 10_000)


@settings(deadline=None)
@given(limit=LOADS, share=st.floats(0.3, 0.9))
def test_a_probe_that_fails_below_moves_the_answer_below_it_and_tells(limit: float, share: float) -> None:
    gap = (limit * share * 0.93, limit * share)

    def meets(load: float) -> bool:
        return load <= limit and not gap[0] < load < gap[1]

    asked = Asked(meets)
    root = search(asked, wide(), probes=(limit * share * 0.98,))
    failed = [load for load in asked.loads if not meets(load)]
    assert root.missed == min(failed)
    if min(failed) < gap[1]:  # the probe, or a step of the search, fell into the gap
        assert not root.is_monotone or max(load for load in asked.loads if meets(load)) <= gap[0]
        assert root.met is not None
        assert gap[0] / 1.02 <= root.met <= gap[0] * 1.02
    assert root.met is not None
    assert all(meets(load) for load in asked.loads if load <= root.met)


def test_a_failure_between_two_loads_that_meet_is_named_with_both() -> None:
    root = search(Asked(lambda load: load < 5 or 8 < load < 100), wide(10), probes=(50, 6))
    assert not root.is_monotone
    assert root.missed == pytest.approx(5, rel=0.02)
    assert root.passes_above is not None
    assert 97 < root.passes_above < 100


def test_a_least_throughput_fails_at_low_loads_and_is_looked_for_above() -> None:
    root = search(Asked(lambda load: load >= 50), wide(10), upwards=4)
    assert root.ending == NONE
    assert root.passes_above == 160
    assert search(Asked(lambda load: load >= 50), wide(10)).passes_above is None


@settings(deadline=None)
@given(st.dictionaries(st.floats(0.01, 10_000), st.booleans(), min_size=1, max_size=8))
def test_the_next_load_is_inside_the_range_and_new(answers: dict[float, bool]) -> None:
    load = next_load(answers, wide())
    assert load is None or (0.01 <= load <= 10_000 and load not in answers)


def test_loads_out_of_order_and_steps_that_go_nowhere_are_refused() -> None:
    for changes in ({"start": 0.001}, {"highest": 5.0}, {"lowest": 0.0}, {"step": 1.0}, {"tolerance": 0.0}):
        with pytest.raises(ValueError, match=r"do not ascend|too small"):
            wide(**changes)


def test_the_value_lies_between_the_last_that_met_and_the_first_that_did_not() -> None:
    assert Root(ending=FOUND, met=100, missed=102).value == pytest.approx(100.995, abs=1e-3)
    assert Root(ending=FOUND, met=100, missed=102, whole=True).value == 100
