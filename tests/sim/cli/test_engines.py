"""The options that choose an engine: what does not fit together is refused, and what was chosen names the result."""

from pathlib import Path

import pytest

from sim.cli.engines import Engine
from sim.cli.status import INVALID, Refused
from sim.scenario import load_scenario, resolved_yaml
from tests.sim.conftest import Said
from tests.sim.wall.on_sqlite import small

WALL = ("--engine", "wall")
URL = "postgresql+psycopg://me:secret@db.example/lab"


@pytest.fixture
def scenario(tmp_path: Path) -> str:
    """The file of a small scenario."""
    path = tmp_path / "small.yaml"
    path.write_text(resolved_yaml(small()))
    return str(path)


REFUSED = {
    "an engine that there is not": (("--engine", "quantum"), "must be one of virtual, wall"),
    "real time without a database": (WALL, "needs --database"),
    "a database in virtual time": (("--database", "postgresql"), "is for --engine wall"),
    "a storage in real time": ((*WALL, "--database", "postgresql", "--storage", "postgresql"), "--storage"),
    "no time at all": (("--duration", "0"), "--duration 0: must be above 0"),
    "a negative scale": (("--time-scale", "-1"), "--time-scale -1: must be above 0"),
    "a database that is none": ((*WALL, "--database", "oracle://db"), "oracle"),
    "a server that does not answer": (
        (*WALL, "--database", "postgresql+psycopg://me:secret@127.0.0.1:9/lab"), "127.0.0.1",
    ),
    "what real time does not have": ((*WALL, "--database", URL, "--set", "api.kind=eventlet"), "workers are threads"),
    "a failover of somebody else's server": (
        (*WALL, "--database", URL, "--set", "faults=[{failover: {at_s: 0.1}}]"), "only a private server",
    ),
    "MariaDB that does not answer": (
        (*WALL, "--database", "mysql+pymysql://me:secret@127.0.0.1:9/lab"), "127.0.0.1",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_is_refused_in_a_sentence_without_a_password(
    what: str, scenario: str, said: Said, tmp_path: Path
) -> None:
    options, says = REFUSED[what]
    status, out, err = said("run", scenario, *options, "--output", str(tmp_path / "out"))
    assert (status, out) == (INVALID, "")
    assert says in err
    assert "secret" not in err
    assert "Traceback" not in err
    assert not (tmp_path / "out").exists()


def test_the_standard_comparison_is_not_for_real_time(said: Said) -> None:
    status, _, err = said("compare", *WALL, "--database", "postgresql")
    assert status == INVALID
    assert "name the scenarios" in err


def test_the_duration_is_the_loads_and_is_scaled_with_everything_else() -> None:
    engine = Engine(duration_s=20, time_scale=0.1)
    scenario = engine.applied(load_scenario("hot_port"))
    assert scenario.horizon.duration_s == pytest.approx(2)
    assert scenario.controllers[0].timeout_s == pytest.approx(1)


def test_without_options_the_scenario_is_as_it_was() -> None:
    scenario = load_scenario("hot_port")
    assert Engine().applied(scenario) is scenario
    assert (Engine().identity, Engine().options) == ({}, ())


def test_what_was_chosen_names_the_result_without_a_password() -> None:
    engine = Engine(name="wall", database=URL, duration_s=5, time_scale=0.5)
    assert engine.identity["engine"] == "wall"
    assert engine.options[:2] == WALL
    assert engine.options[4:] == ("--duration", "5", "--time-scale", "0.5")
    assert "secret" not in str((engine.identity, engine.options))


def test_in_virtual_time_nothing_runs_a_replication_but_the_simulator() -> None:
    with Engine().runner(None) as runner:
        assert runner is None


def test_a_wrong_factor_is_refused_before_anything_starts() -> None:
    with pytest.raises(Refused, match="time-scale"):
        Engine(time_scale=float("inf"))
