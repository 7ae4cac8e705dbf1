import pytest

from sim.cli.engines import Engine
from sim.cli.status import Refused
from sim.scenario import ScenarioError, load_scenario


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"name": "fast"}, "--engine fast: must be one of virtual, wall"),
        ({"name": "wall"}, "--engine wall needs --database"),
        ({"database": "postgresql"}, "--database is for --engine wall"),
        ({"duration_s": 0.0}, "--duration 0: must be above 0"),
        ({"time_scale": -1.0}, "--time-scale -1: must be above 0"),
        ({"time_scale": float("inf")}, "--time-scale inf: must be above 0"),
    ],
)
def test_options_that_do_not_fit_together_are_refused(options: dict, told: str) -> None:
    with pytest.raises(Refused, match=told):
        Engine(**options)


def test_the_duration_and_the_time_scale_are_those_of_the_scenario_that_runs() -> None:
    applied = Engine(duration_s=30.0, time_scale=0.1).applied(load_scenario("hot_port"))
    assert applied.horizon.duration_s == pytest.approx(3.0)


def test_what_cannot_be_had_in_real_time_is_told_before_anything_is_started() -> None:
    with pytest.raises(ScenarioError, match=r"api\.kind is eventlet"):
        Engine(name="wall", database="postgresql").applied(load_scenario("eventlet_lock_wait"))


def test_an_isolation_level_that_the_model_does_not_have_is_for_real_databases_only() -> None:
    given = load_scenario("hot_port", overrides=["database.isolation=serializable"])
    with pytest.raises(ScenarioError, match=r"database\.isolation is serializable.*read_committed"):
        Engine().applied(given)
    assert Engine(name="wall", database="mariadb").applied(given).database.isolation == "serializable"


def test_a_result_in_real_time_is_named_by_its_database_without_the_password() -> None:
    url = "postgresql+psycopg://user:secret@localhost/x"
    engine = Engine(name="wall", database=url)
    assert "secret" not in str(engine.identity) + " ".join(engine.options)
    assert engine.identity["engine"] == "wall"
    assert Engine().identity == {}
