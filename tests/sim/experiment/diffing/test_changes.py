"""What differs between scenarios and code, and which series two results have in common."""

from sim.experiment.diffing.changes import Change, _changes
from sim.experiment.diffing.series import Key, matched


def test_fields_are_named_as_set_takes_them() -> None:
    before = {"a": {"b": 1}, "controllers": [{"name": "sdn", "errors": 0}], "x": [1, 2], "same": 5}
    after = {"a": {"b": 2, "c": 3}, "controllers": [{"name": "sdn", "errors": 0.1}], "x": [1, 3], "same": 5}
    assert list(_changes(before, after, "")) == [
        Change("a.b", 1, 2),
        Change("a.c", None, 3),
        Change("controllers.sdn.errors", 0, 0.1),
        Change("x", [1, 2], [1, 3]),
    ]


def test_an_item_that_came_or_went_is_one_change() -> None:
    one, two = {"name": "one", "n": 1}, {"name": "two", "n": 2}
    assert list(_changes({"drivers": [one]}, {"drivers": [two, one]}, "")) == [Change("drivers.two", None, two)]


def test_a_count_that_only_one_result_saw_was_zero_in_the_other() -> None:
    seen, other = Key("", "s", "errors_count.Timeout.total"), Key("", "s", "latency_s.all.p95")
    before, after = {other: (1.0, 2.0)}, {other: (1.0, 2.0), seen: (3.0, 4.0)}
    assert matched(before, after)[seen] == ((0.0, 0.0), (3.0, 4.0))


def test_other_metrics_and_strategies_that_one_side_lacks_are_left_out() -> None:
    base = {Key("", "s", "latency_s.all.p95"): (1.0,)}
    more = {**base, Key("", "s", "latency_s.get_port.p95"): (1.0,), Key("", "t", "latency_s.all.p95"): (1.0,)}
    assert list(matched(base, more)) == list(base)
