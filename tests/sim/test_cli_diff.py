"""bindsim diff: two saved results, what changed, and the exit status."""

import json
from pathlib import Path

import pytest

from tests.sim.conftest import Said

SMALL = """
question: which is faster?
horizon: {duration_s: 5}
workload:
  arrivals: {poisson: {rate_per_s: 3}}
  operations: [{operation: create_port, bind: true}]
topology: {tenants: 20}
drivers: [{name: sdn, kind: controller, controller: sdn}]
controllers: [{name: sdn, latency: {bind: {lognormal: {median_s: 0.2, p95_s: 0.3}}}}]
primary_metric: latency_s.create_port.p95
"""
P95 = "latency_s.create_port.p95"
BIND = "controllers.sdn.latency.bind"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """base, again (the same), slower (bind three times as long), other (another seed), aa, and one (a single run)."""
    from sim.cli import main

    folder = tmp_path_factory.mktemp("results")
    (folder / "small.yaml").write_text(SMALL)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        slower = ["--set", f"{BIND}.lognormal.median_s=0.6", "--set", f"{BIND}.lognormal.p95_s=0.9"]
        common = ["--workers", "1", "--replications"]
        for name, options in {
            "base": ["8"],
            "again": ["8"],
            "slower": ["8", *slower],
            "other": ["8", "--seed", "2"],
            "aa": ["8", "--seed", "3", "--strategies", "deferred,deferred"],
        }.items():
            assert main(["compare", "small.yaml", "--output", name, *common, *options]) in (0, 3)
        assert main(["run", "small.yaml", "--output", "one"]) == 0
        assert main(["run", "small.yaml", "--output", "one-slower", *slower]) == 0
    return folder


@pytest.fixture
def diffed(said: Said, results: Path, monkeypatch: pytest.MonkeyPatch) -> Said:
    monkeypatch.chdir(results)
    return lambda *arguments: said("diff", *arguments)


def flat(text: str) -> str:
    return " ".join(text.split())


def test_the_same_run_twice_is_the_same(diffed: Said) -> None:
    status, out, _ = diffed("base", "again", "--fail-on-regression")
    assert status == 0
    assert "The results are the same: every file but the manifest has the same bytes." in flat(out)
    assert "Scenario: the same." in out


def test_a_slower_controller_is_told_as_field_and_as_regression(diffed: Said) -> None:
    status, out, _ = diffed("base", "slower", "--fail-on-regression")
    assert status == 1
    assert f"  {BIND}.lognormal.median_s: 0.2 -> 0.6" in out
    assert "create_port p95 s" in out
    assert "worse" in out
    assert "Differences are paired, since both drew the same." in flat(out)
    assert max(map(len, out.splitlines())) <= 80
    assert diffed("base", "slower")[0] == 0
    assert diffed("slower", "base", "--fail-on-regression")[0] == 0


def test_another_seed_changes_nothing_beyond_the_noise(diffed: Said) -> None:
    status, out, _ = diffed("base", "other", "--fail-on-regression", "--noise", "aa")
    assert status == 0
    assert "seed: 1 -> 2" in out
    assert "0 of " in out
    assert "Noise floor: the A/A comparison in aa; for what it does not hold, the spread of A's replications." in flat(
        out
    )
    assert "Differences are by Welch, since the two drew differently." in flat(out)


def test_json_has_all_of_it(diffed: Said) -> None:
    found = json.loads(diffed("base", "slower", "--json")[1])
    assert found["scenario"][0] == {"path": f"{BIND}.lognormal.median_s", "before": 0.2, "after": 0.6}
    entry = next(each for each in found["differences"] if (each["metric"], each["strategy"]) == (P95, "deferred"))
    assert entry["low"] < entry["difference"] < entry["high"]
    assert (entry["result"], entry["paired"], entry["noise_floor"] > 0) == ("worse", True, True)
    assert found["regressions"] >= 2


def test_single_runs_are_undecided_until_the_noise_is_learned(diffed: Said) -> None:
    status, out, _ = diffed("one", "one-slower", "--metric", P95, "--fail-on-regression")
    assert status == 3
    assert "1 are undecided (?): fewer than 5 replications have no spread" in flat(out)
    status, out, _ = diffed(
        "one", "one-slower", "--metric", P95, "--fail-on-regression", "--noise-runs", "8", "--workers", "1"
    )
    assert status == 1
    assert "Noise floor: 8 A/A runs of A's scenario, seed 2." in flat(out)


def test_a_chosen_metric_is_shown_though_it_did_not_change(diffed: Said) -> None:
    _, out, _ = diffed("base", "other", "--metric", P95)
    assert out.count("create_port p95 s") == 2
    assert "0 of 2 series changed" in out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["base", "nowhere"], "there is no folder nowhere"),
        (["base", "other", "--metric", "latency_s.all"], "--metric 'latency_s.all' is not a metric"),
        (["base", "other", "--metric", "latency_s.get_port.p95"], "--metric 'latency_s.get_port.p95' is in neither"),
        (["base", "other", "--noise", "one"], "one compares no strategy with itself in 5 replications or more"),
        (["base", "other", "--noise", "aa", "--noise-runs", "5"], "use one of them"),
    ],
)
def test_wrong_input_is_one_clear_line(diffed: Said, arguments: list[str], told: str) -> None:
    status, out, err = diffed(*arguments)
    assert (status, out) == (2, "")
    assert told in err
