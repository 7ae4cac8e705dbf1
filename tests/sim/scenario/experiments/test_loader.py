from pathlib import Path

import pytest

from sim.scenario import ScenarioError, load_scenario
from sim.scenario.experiments import axes_of, grid, is_experiment, load_experiment, overrides_of

GOOD = """\
question: From which bind latency on does it pay?
kind: sweep
scenario: boot_storm
set: {horizon.duration_s: 60}
strategies: [in-transaction, deferred]
seed: 3
replications: 5
vary:
  - {topology.subnets_per_tenant: [0, 1]}
  - workload.rate_per_s: 2..16..3
  - {controllers.sdn.concurrency: [2, 5], controllers.sdn.timeout_s: [6, 15]}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "mine.yaml").write_text(GOOD)
    return tmp_path / "mine.yaml"


def test_an_experiment_says_everything_that_a_sweep_needs(file: Path) -> None:
    found = load_experiment(file)
    assert (found.kind, found.scenario, found.seed, found.replications) == ("sweep", "boot_storm", 3, 5)
    assert found.strategies == ("in-transaction", "deferred")
    assert overrides_of(found) == ["horizon.duration_s=60"]
    assert [len(axis.values) for axis in axes_of(found)] == [2, 3, 2]
    assert len(grid(load_scenario(found.scenario, overrides_of(found)), axes_of(found))) == 12


def test_a_scenario_is_no_experiment_and_the_other_way_round(file: Path) -> None:
    assert is_experiment(file)
    assert not is_experiment("boot_storm")
    assert not is_experiment(file.with_name("missing.yaml"))
    assert not is_experiment("no_such_name")


def test_a_scenario_file_is_seen_from_the_experiment(file: Path) -> None:
    file.write_text(GOOD.replace("boot_storm", "../elsewhere/storm.yaml"))
    assert load_experiment(file).scenario == str(file.parent / "../elsewhere/storm.yaml")


SHIPPED = sorted(Path("scenarios/experiments").glob("*.yaml"))


@pytest.mark.parametrize("file", SHIPPED, ids=[file.stem for file in SHIPPED])
def test_the_points_of_every_shipped_experiment_are_valid(file: Path) -> None:
    found = load_experiment(file)
    if found.vary:
        assert is_experiment(file)
        assert grid(load_scenario(found.scenario, overrides_of(found)), axes_of(found))


def test_a_bare_name_means_the_scenario_of_that_name_before_the_experiment() -> None:
    assert is_experiment("load")
    assert load_experiment("load").source == "scenarios/experiments/load.yaml"
    assert not is_experiment("live_migration")


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("kind: sweep", "kind: sweeep", "mine.yaml, line 2: kind is 'sweeep': must be one of"),
        ("seed: 3", "sead: 3", "mine.yaml, line 6: sead is not a known key: did you mean 'seed'"),
        ("seed: 3", "seed: -1", "mine.yaml, line 6: seed is -1: must be at least 0"),
        ("question: From", "# question: From", "mine.yaml.*: question is missing"),
        ("replications: 5", "replications: 0", "line 7: replications is 0: must be at least 1"),
        ("replications: 5", "precision: 1.5", "line 7: precision is 1.5: must be less than 1"),
        ("seed: 3", "precision: 0.1", "gives replications and precision"),
        ("kind: sweep", "kind: plan", ""),
        ("kind: sweep", "kind: compare", "vary belongs to sweep and plan, not to a compare"),
        ("seed: 3", "slo: [a]", "slo belongs to plan, not to a sweep"),
        ("[0, 1]", "[]", "mine.yaml, line 9: vary.0.topology.subnets_per_tenant has no values"),
        ("[0, 1]", "[0, 0]", "mine.yaml, line 9: vary.0.topology.subnets_per_tenant has the value 0 twice"),
        ("2..16..3", "2..16", "mine.yaml, line 10: vary.1.workload.rate_per_s has the value '2..16'; a range has"),
        ("[2, 5]", "[2]", "line 11: vary.2 needs as many values for each path"),
        ("[0, 1]", "[0, -1]", "mine.yaml, line 9: topology.subnets_per_tenant is -1: must be at least 0"),
        ("question:", "question: [", "is not YAML"),
    ],
)
def test_what_is_wrong_is_told_with_file_line_field_and_value(file: Path, before: str, after: str, told: str) -> None:
    assert before in GOOD
    file.write_text(GOOD.replace(before, after, 1))
    if not told:
        assert load_experiment(file).kind == "plan"
        return
    with pytest.raises(ScenarioError, match=told):
        grid(load_scenario("boot_storm"), axes_of(load_experiment(file)))


def test_a_sweep_without_anything_varied_is_refused(file: Path) -> None:
    file.write_text(GOOD.partition("vary:")[0])
    with pytest.raises(ScenarioError, match="a sweep needs vary"):
        load_experiment(file)


@pytest.mark.parametrize(("content", "told"), [(b"- 1\n", "holds no mapping"), (b"\xff", "is not UTF-8 text")])
def test_a_file_that_is_none_is_refused(file: Path, content: bytes, told: str) -> None:
    file.write_bytes(content)
    with pytest.raises(ScenarioError, match=told):
        load_experiment(file)
