import json
from pathlib import Path

import pytest

from sim.cli.status import BROKEN, GOOD, Refused
from sim.cli.validating import ValidateOrder, validate_once
from sim.validation import Plan
from tests.sim.validation.outcomes import same, validation

P95 = "latency_s.all.p95"


def order(**changes: object) -> ValidateOrder:
    usual = {
        "scenario": "validation", "database": "postgresql", "overrides": [], "strategies": None, "loads": None,
        "replications": None, "seed": 1, "samples": None, "calibration": None, "output": None, "json": False,
    }  # fmt: skip
    return ValidateOrder(**{**usual, **changes})


@pytest.fixture
def plans(monkeypatch: pytest.MonkeyPatch) -> list[Plan]:
    """The plans that were asked for; each is answered with a prediction that is near enough."""
    asked: list[Plan] = []

    def validate(scenario: object, database: object, plan: Plan) -> object:
        asked.append(plan)
        return validation(same(P95, measured=0.1, predicted=0.1, again=0.1))

    monkeypatch.setattr("sim.cli.validating.validate", validate)
    return asked


@pytest.mark.parametrize("loads", ["", "abc", "0.3,", "0", "1.5", "-0.3"])
def test_loads_that_are_no_shares_are_refused(loads: str, plans: list[Plan]) -> None:
    with pytest.raises(Refused, match=f"--loads {loads}: must be shares of the capacity"):
        validate_once(order(loads=loads))
    assert not plans


def test_loads_replications_and_seed_reach_the_plan(plans: list[Plan]) -> None:
    assert validate_once(order(loads="0.2,0.7", replications=3, seed=9)) == GOOD
    assert (list(plans[0].loads), plans[0].replications, plans[0].seed) == ([0.2, 0.7], 3, 9)


def test_a_calibration_that_was_kept_is_used_instead_of_a_new_one(plans: list[Plan], tmp_path: Path) -> None:
    file = tmp_path / "costs.yaml"
    file.write_text("# measured\ndatabase: {round_trip_s: 0.0001}\napi: {cpu_s: 0.001}\n")
    validate_once(order(calibration=file))
    assert plans[0].blocks == {"database": {"round_trip_s": 0.0001}, "api": {"cpu_s": 0.001}}


@pytest.mark.parametrize("text", ["", "database: {}", "[1, 2]", "a: [", "database: {}\napi: {}\nmore: 1"])
def test_a_file_that_is_no_calibration_is_refused_by_name(text: str, plans: list[Plan], tmp_path: Path) -> None:
    file = tmp_path / "costs.yaml"
    file.write_text(text)
    with pytest.raises(Refused, match=r"--calibration .*costs\.yaml: "):
        validate_once(order(calibration=file))


def test_a_calibration_that_is_not_there_is_refused_by_name(plans: list[Plan]) -> None:
    with pytest.raises(Refused, match=r"--calibration nowhere\.yaml: cannot be read"):
        validate_once(order(calibration=Path("nowhere.yaml")))


def test_the_numbers_and_the_picture_are_kept(plans: list[Plan], tmp_path: Path) -> None:
    validate_once(order(output=tmp_path / "new" / "folder"))
    data = json.loads((tmp_path / "new" / "folder" / "validation.json").read_text())
    assert data["rows"][0]["metric"] == P95
    assert (tmp_path / "new" / "folder" / "predicted.svg").read_text().startswith("<svg")


def test_an_output_that_cannot_be_made_is_refused_before_anything_is_measured(
    plans: list[Plan], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Refused, match=r"--output .*: cannot be made"):
        validate_once(order(output=tmp_path / "file" / "folder"))
    assert not plans


def test_a_prediction_that_is_not_near_enough_gives_status_1(monkeypatch: pytest.MonkeyPatch) -> None:
    missed = validation(same(P95, measured=0.1, predicted=0.3, again=0.1))
    monkeypatch.setattr("sim.cli.validating.validate", lambda scenario, database, plan: missed)
    assert validate_once(order()) == BROKEN


def test_json_is_one_object(plans: list[Plan], capsys: pytest.CaptureFixture[str]) -> None:
    validate_once(order(json=True))
    assert json.loads(capsys.readouterr().out)["scenario"] == "validation"
