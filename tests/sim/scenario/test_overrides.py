"""`--set PATH=VALUE`."""

from typing import Any

import pytest

from sim.scenario import Scenario, ScenarioError, as_text, parse_scenario


def _with(data: dict[str, Any], *overrides: str) -> Scenario:
    return parse_scenario(data, overrides)


def test_a_value_is_replaced(data: dict[str, Any]) -> None:
    assert _with(data, "horizon.duration_s=20").horizon.duration_s == 20


def test_parts_that_the_file_does_not_have_are_made(data: dict[str, Any]) -> None:
    assert _with(data, "database.pool.size=7").database.pool.size == 7


def test_the_rest_of_a_default_stays(data: dict[str, Any]) -> None:
    strategies = _with(data, "strategies.1.max_attempts=3").strategies
    assert [(each.name, each.max_attempts) for each in strategies] == [("in-transaction", 10), ("deferred", 3)]


def test_another_key_of_an_exclusive_choice_replaces_it(data: dict[str, Any]) -> None:
    assert _with(data, "workload.arrivals.storm.count=9").workload.arrivals.kind == "storm"
    assert _with(data, "min_effect.absolute=0.1").min_effect.kind == "absolute"


def test_a_parameter_of_the_same_choice_keeps_the_others(data: dict[str, Any]) -> None:
    data["controllers"][0]["latency"]["bind"] = {"lognormal": {"median_s": 0.5, "p95_s": 1.5}}
    bind = _with(data, "controllers.0.latency.bind.lognormal.p95_s=2").controllers[0].latency.bind
    assert bind.lognormal is not None
    assert (bind.lognormal.median_s, bind.lognormal.p95_s) == (0.5, 2)


def test_a_number_gives_way_to_a_distribution(data: dict[str, Any]) -> None:
    bind = _with(data, "controllers.sdn.latency.bind.exponential.mean_s=2").controllers[0].latency.bind
    assert bind.kind == "exponential"


def test_an_item_is_called_by_its_name_or_position(data: dict[str, Any]) -> None:
    assert _with(data, "controllers.sdn.timeout_s=3").controllers[0].timeout_s == 3
    assert _with(data, "controllers.0.timeout_s=3").controllers[0].timeout_s == 3


def test_a_later_override_wins(data: dict[str, Any]) -> None:
    assert _with(data, "topology.hosts=3", "topology.hosts=4").topology.hosts == 4


def test_the_value_is_yaml_and_may_hold_an_equals_sign(data: dict[str, Any]) -> None:
    assert _with(data, "question=a=b").question == "a=b"
    assert _with(data, "database.lock_wait_timeout_s=1e1").database.lock_wait_timeout_s == 10
    assert _with(data, "database.lock_wait_timeout_s=null").database.lock_wait_timeout_s is None


def test_a_plain_value_survives_as_text(data: dict[str, Any]) -> None:
    text = as_text("controllers.sdn.latency.bind", {"lognormal": {"median_s": 1.5, "p95_s": 3}})
    assert _with(data, text).controllers[0].latency.bind.kind == "lognormal"


def test_the_data_given_is_not_changed(data: dict[str, Any]) -> None:
    _with(data, "horizon.duration_s=20")
    assert data["horizon"] == {"duration_s": 10}


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("horizon.duration_s", "must have the form PATH=VALUE"),
        ("=3", "must have the form PATH=VALUE"),
        ("a..b=3", "must have the form PATH=VALUE"),
        ("horizon.duration=3", "names an unknown key 'duration' in horizon; did you mean 'duration_s'?"),
        ("nothing=3", "names an unknown key 'nothing' in the scenario; allowed: schema_version"),
        ("drivers.3.kind=agent", "names no item of drivers: '3'; allowed: 0 to 0, sdn"),
        ("drivers.-1.kind=agent", "names no item of drivers: '-1'; allowed: 0 to 0, sdn"),
        ("thresholds.0.metric=a", "names no item of thresholds: '0'; allowed: none: the list is empty"),
        ("question.x=1", "goes into question, which is a single value"),
        ("horizon.duration_s=[1", "has a value that is not YAML"),
        ("horizon.duration_s=soon", "horizon.duration_s is 'soon': must be a number"),
        ("drivers.sdn.latency.bind=1", "names an unknown key 'bind' in drivers.0.latency; did you mean 'bind_port'?"),
    ],
)
def test_a_bad_override_is_named_in_the_complaint(data: dict[str, Any], override: str, said: str) -> None:
    with pytest.raises(ScenarioError) as error:
        _with(data, override)
    assert str(error.value).startswith(f"--set {override}: ")
    assert said in str(error.value)
