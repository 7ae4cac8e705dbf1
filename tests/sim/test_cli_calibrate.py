"""bindsim calibrate without a server: what it prints of a measurement, what it writes, what it refuses."""

import json
from pathlib import Path
from typing import Any

import pytest

from sim.calibration import Calibration
from sim.calibration.costs import costs_of
from sim.scenario.yaml_text import parse
from sim.servers import ServerError
from tests.sim.calibration.made_up import made_up
from tests.sim.conftest import Said


@pytest.fixture(scope="module")
def found() -> Calibration:
    measured = made_up()
    return Calibration(measured=measured, costs=costs_of(measured))


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, found: Calibration) -> list[dict[str, Any]]:
    """No server is asked; returns what the measurement was asked for."""
    asked: list[dict[str, Any]] = []

    def calibrate(database: str, **options: Any) -> Calibration:
        asked.append({"database": database, **options})
        return found

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sim.cli.calibrating.calibrate", calibrate)
    return asked


def test_it_prints_a_table_of_80_columns_and_yaml(said: Said, measured: list[dict[str, Any]]) -> None:
    status, out, err = said("calibrate", "--database", "postgresql")
    assert (status, err) == (0, "")
    assert max(map(len, out.splitlines())) <= 80
    assert "port.lock" in out
    assert "A round trip waits 5.0 us" in out
    assert set(parse(out[out.index("# bindsim calibrate") :])[0]) == {"database", "api"}


def test_output_is_the_yaml_and_a_picture(said: Said, measured: list[dict[str, Any]], tmp_path: Path) -> None:
    status, out, _ = said("calibrate", "--database", "postgresql", "--output", "costs.yaml")
    assert status == 0
    assert sorted(file.name for file in tmp_path.iterdir()) == ["costs.svg", "costs.yaml"]
    assert (tmp_path / "costs.yaml").read_text() in out
    assert (tmp_path / "costs.svg").read_text().startswith("<svg")
    assert "port.lock" in (tmp_path / "costs.svg").read_text()


def test_json_holds_the_same(said: Said, measured: list[dict[str, Any]]) -> None:
    status, out, _ = said("calibrate", "--database", "postgresql", "--json")
    data = json.loads(out)
    assert status == 0
    assert {call["call"] for call in data["calls"]} >= {"select 1", "begin", "port.lock", "commit"}
    assert parse(data["yaml"])[0] == data["blocks"]
    assert data["circumstances"]["version"] == "PostgreSQL 18.4"


def test_a_password_is_not_kept(said: Said, measured: list[dict[str, Any]]) -> None:
    _, out, _ = said("calibrate", "--database", "postgresql+psycopg://me:secret@example.org/db")
    assert measured[0]["database"] == "postgresql+psycopg://me:secret@example.org/db"
    assert "secret" not in out
    assert "me:***@example.org" in out


def test_a_scenario_is_loaded_with_its_changes(said: Said, measured: list[dict[str, Any]]) -> None:
    options = ("--database", "mariadb", "--scenario", "hot_port", "--set", "horizon.duration_s=5", "--samples", "50")
    assert said("calibrate", *options)[0] == 0
    assert measured[0]["scenario"].horizon.duration_s == 5
    assert measured[0]["samples"] == 50


@pytest.mark.parametrize("output", ["missing/costs.yaml", "."])
def test_an_output_that_cannot_be_written_is_told_before_measuring(
    said: Said, measured: list[dict[str, Any]], output: str
) -> None:
    status, out, err = said("calibrate", "--database", "postgresql", "--output", output)
    assert (status, out) == (2, "")
    assert f"--output {output}: cannot be written" in err
    assert not measured


def test_too_few_samples_are_refused(said: Said) -> None:
    status, _, err = said("calibrate", "--database", "postgresql", "--samples", "19")
    assert status == 2
    assert "samples is 19; at least 20 are needed" in err


def test_a_database_that_cannot_be_had_is_an_error_in_one_line(
    said: Said, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def unreachable(database: str, **_: Any) -> Calibration:
        raise ServerError("nobody listens at example.org; start a server there")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sim.cli.calibrating.calibrate", unreachable)
    status, out, err = said("calibrate", "--database", "postgresql", "--output", "costs.yaml")
    assert (status, out, err) == (2, "", "bindsim: nobody listens at example.org; start a server there\n")
    assert not list(tmp_path.iterdir())
