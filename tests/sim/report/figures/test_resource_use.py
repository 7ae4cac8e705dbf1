import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.report.figures.faults import drawn_faults, timed_faults
from sim.report.figures.resource_use import mean_by_slice, resource_use, resource_use_data, resource_use_message

DEGRADED = [{"name": "sdn", "concurrency": 4, "degraded": [{"from_s": 4.0, "to_s": 6.0}]}]


def test_the_mean_of_a_slice_weighs_levels_by_how_long_they_last():
    found = mean_by_slice(np.array([0.0, 1.5, 3.0]), np.array([2.0, 4.0, 0.0]), np.array([0.0, 1.0, 2.0, 4.0]))
    assert list(found) == [2.0, 3.0, 2.0]


@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 9)), min_size=1, max_size=30))
def test_no_area_is_lost_whatever_the_slices(changes: list[tuple[int, int]]):
    changes = sorted(changes, key=lambda change: change[0])
    at_s, level = (np.array(each, dtype=float) for each in zip(*changes, strict=True))
    whole = mean_by_slice(at_s, level, np.array([0.0, 1000.0]))[0]
    edges = np.linspace(0, 1000, 38)
    assert mean_by_slice(at_s, level, edges).mean() == pytest.approx(whole)


@pytest.fixture
def result(written):
    """A controller with one call at a time, and three while it is degraded; two pools with a connection each."""
    levels = [{"at_s": at, "in_use": n} for at, n in ((0.0, 1), (4.0, 3), (6.0, 1), (8.0, 0))]
    levels += [{"resource": f"db.pool of api-{n}", "in_use": 1} for n in (0, 1)]
    return written(levels=levels, changes={"controllers": DEGRADED})


def test_pools_of_all_processes_are_one_resource_with_all_their_places(result):
    found = {use.resource: (use.places, use.peak) for use in resource_use_data(result).uses}
    assert found == {"db.pool": (6, pytest.approx(2.0)), "sdn": (4, pytest.approx(3.0))}


def test_the_message_tells_what_a_fault_does(result):
    assert resource_use_message(result) == (
        "With sdn degraded (4 s to 6 s) the places of sdn in use go from 1 to 3 under deferred (means)."
    )


def test_without_a_fault_the_message_tells_what_is_busiest(written):
    result = written(levels=[{"in_use": 3}])
    assert resource_use_message(result) == "Busiest is sdn: at the highest it has 3 under deferred of 4 places in use."


def test_the_fault_is_shaded_where_it_is(result):
    spans = [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in resource_use(result).patches
             if hasattr(patch, "get_x")]  # fmt: skip
    assert (4.0, 6.0) in spans


def test_every_fault_with_a_time_has_a_window_and_the_others_are_counted():
    faults = [
        {"crash": {"at_s": 1.0, "process": 2, "restart_after_s": None}},
        {"controller": {"name": "sdn", "at_s": 2.0, "for_s": 3.0, "down": True}},
        {"failover": {"at_s": 3.0, "pause_s": 7.5}},
        {"agent": {"host": 4, "at_s": 4.0, "for_s": None}},
        {"connection": {"at_s": 5.0, "when": "statement"}},
        {"deadlock": {"at_s": 6.0}},
        {"impatience": {"patience_s": 1.0, "probability": 0.5}},
        {"crash": {"at_s": None, "point": "anywhere", "probability": 0.1}},
    ]
    found = [(each.words, each.from_s, each.to_s) for each in timed_faults({"faults": faults})]
    assert found == [
        ("api-2 crashed", 1.0, None), ("sdn down", 2.0, 5.0), ("fail-over", 3.0, 10.5),
        ("agent of host-4 dead", 4.0, None), ("connection lost", 5.0, 5.0), ("deadlock", 6.0, 6.0),
    ]  # fmt: skip
    assert drawn_faults({"faults": faults}) == 2
