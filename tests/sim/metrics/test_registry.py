import pytest

from sim.metrics.registry import FAMILIES, UnknownMetric, lookup, metric_problem


@pytest.mark.parametrize(
    ("name", "unit", "better"),
    [
        ("throughput_per_s.all.mean", "1/s", "higher"),
        ("latency_s.create_port.p95", "s", "lower"),
        ("lost_bindings_count.stale.total", "", "lower"),
        ("lost_bindings_count.stale-mixed.total", "", "lower"),
        ("lost_bindings_count.total", "", "lower"),
        ("retries_count.inputs_changed.total", "", "lower"),
        ("hold_time_s.p99", "s", "lower"),
        ("hold_time_s.driver.mean", "s", "lower"),
        ("attempts_per_binding_count.mean", "", "lower"),
    ],
)
def test_a_name_tells_its_unit_and_its_better_direction(name: str, unit: str, better: str) -> None:
    metric = lookup(name)
    assert (metric.name, metric.unit, metric.better) == (name, unit, better)
    assert metric.estimator


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("latency_ms.create_port.p95", "latency_s"),
        ("latency_s.create_port.p96", "mean|p50|p95|p99|max"),
        ("latency_s.p95", "latency_s"),
        ("lost_bindings_count.mislaid.total", "overwritten"),
        ("hold_time_s", "hold_time_s"),
        ("", "bindsim metrics"),
    ],
)
def test_a_wrong_name_is_refused_with_what_is_allowed(name: str, told: str) -> None:
    with pytest.raises(UnknownMetric) as refused:
        lookup(name)
    assert told in str(refused.value)


def test_every_family_says_what_it_is() -> None:
    for family in FAMILIES:
        assert len(family.definition) > 20
        assert family.better in ("lower", "higher", "neither")
        assert family.pattern.startswith(family.name)


def test_every_family_says_which_half_width_is_small_enough_and_why() -> None:
    for family in FAMILIES:
        assert 0 < family.floor.value <= 1
        assert len(family.floor.reason) > 10


@pytest.mark.parametrize("name", ["latency_s.create_port.p95", "latency_s.boot.p95", "goodput_per_s.all.mean"])
def test_a_metric_about_something_that_is_reported_has_no_problem(name: str) -> None:
    assert metric_problem(name, ["create_port", "boot"]) is None


def test_a_metric_about_a_class_that_nobody_has_is_a_problem_that_names_what_there_is() -> None:
    problem = metric_problem("latency_s.boott.p95", ["create_port", "boot"])
    assert problem == "'latency_s.boott.p95' is about 'boott'; here it can be about all, create_port, boot"


def test_a_metric_that_is_none_is_a_problem() -> None:
    assert "is not a metric" in str(metric_problem("speed.p95", []))
