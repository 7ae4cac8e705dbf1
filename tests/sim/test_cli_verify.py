"""The checker on the command line: what is printed, exit statuses, and what is left on disk."""

import json
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

import sim.history.summary
from tests.planted_bugs.bugs import BY_NAME

SMALL = """\
question: Is it small?
horizon: {duration_s: 3}
workload:
  arrivals: {constant: {rate_per_s: 5}}
  operations: [{operation: create_port}]
topology: {hosts: 3, tenants: 3}
api: {processes: 1, threads: 20}
drivers: [{name: sdn, kind: controller, controller: sdn}]
controllers: [{name: sdn, latency: {bind: {exponential: {mean_s: 0.2}}}}]
primary_metric: latency_s.create_port.p95
"""
NO_REST = ("--set", "controllers.sdn.latency.bind=60", "--set", "horizon.drain_limit_s=1")
TWICE = BY_NAME["notification twice"]

Said = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own for every test, with the small scenario in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.yaml").write_text(SMALL)
    return tmp_path


def content(folder: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def test_a_run_that_keeps_its_promises_is_good_and_says_so(said: Said) -> None:
    status, out, err = said("run", "small.yaml", "--strategy", "deferred", "--verify")
    assert (status, err.startswith("results in ")) == (0, True)
    assert "1 run checked." in out
    assert out.count("ok*") + out.count("ok, none seen*") == 7
    assert max(map(len, out.splitlines())) <= 80


def test_a_run_that_is_not_to_be_checked_says_nothing_of_promises(said: Said) -> None:
    out = said("run", "small.yaml", "--output", "kept")[1]
    assert "checked" not in out
    assert not any(name.startswith("history_") for name in content("kept"))


def test_a_broken_promise_is_status_1_and_is_explained(said: Said) -> None:
    with TWICE.planted():
        status, out, _ = said("run", "small.yaml", "--strategy", "deferred", "--verify", "--set", "topology.hosts=2")
    assert status == 1
    told = out[out.index("Broken promise: contract of deferred, ") :]
    assert " s  operation " in told
    assert "however, " in told
    assert "\n  bindsim run small.yaml --set topology.hosts=2 --strategy deferred --seed 1" in told


def test_the_command_of_a_finding_finds_it_again(said: Said) -> None:
    with TWICE.planted():
        _, out, _ = said(
            "compare", "small.yaml", "--replications", "2", "--workers", "1", "--seed", "3", "--verify", "--json"
        )
        findings = json.loads(out)["verification"]["findings"]
        finding = next(each for each in findings if each["strategy"] == "deferred")
        status, again, _ = said(*shlex.split(finding["command"])[1:], "--json")
    [first, *_] = json.loads(again)["verification"]["findings"]
    assert status == 1
    assert [first[key] for key in ("cause", "evidence", "says")] == [
        finding[key] for key in ("cause", "evidence", "says")
    ]


def test_a_promise_of_which_nothing_is_known_is_status_3(said: Said) -> None:
    said("run", "small.yaml", "--strategy", "deferred", *NO_REST, "--history", "--output", "kept")
    status, out, err = said("verify", "kept")
    assert (status, err) == (3, "")
    assert "Unknown (promised): convergence of deferred, because the system did not come to rest." in " ".join(
        out.split()
    )


def test_what_no_strategy_promises_does_not_change_the_status(said: Said) -> None:
    said("run", "small.yaml", *NO_REST, "--history", "--output", "kept")
    status, out, _ = said("verify", "kept")
    assert status == 0
    assert "Unknown (not promised): agreement of in-transaction" in out


def test_a_broken_promise_is_said_before_an_unknown_one(said: Said) -> None:
    with TWICE.planted():
        said(
            "run", "small.yaml", "--strategy", "deferred", "--history", "--output", "kept",
            "--set", "controllers.sdn.latency.bind={exponential: {mean_s: 2}}",
            "--set", "horizon.drain_limit_s=1",
        )  # fmt: skip
    status, out, _ = said("verify", "kept")
    assert status == 1
    assert out.index("Broken promise: contract") < out.index("Unknown (promised): convergence")


def test_saved_histories_are_checked_as_the_runs_were(said: Said) -> None:
    with TWICE.planted():
        compared, out, _ = said(
            "compare", "small.yaml", "--strategies", "in-transaction,deferred", "--replications", "2", "--workers", "1",
            "--history", "--verify", "--output", "kept", "--json",
        )  # fmt: skip
    before = content("kept")
    status, verified, err = said("verify", "kept", "--json")
    assert (compared, status, err) == (1, 1, "")
    assert json.loads(verified) == {"scenario": "small", "verification": json.loads(out)["verification"]}
    assert json.loads(Path("kept/summary.json").read_text())["verification"] == json.loads(out)["verification"]
    assert content("kept") == before
    assert said("verify", "kept")[1].count("Broken promise") == 1


def test_one_replication_of_a_comparison_can_be_run_alone(said: Said) -> None:
    said(
        "compare", "small.yaml", "--strategies", "deferred,in-transaction", "--replications", "3", "--workers", "1",
        "--output", "all",
    )  # fmt: skip
    said("run", "small.yaml", "--strategy", "deferred", "--replication", "2", "--output", "one")
    everything, one = (json.loads(Path(name, "summary.json").read_text()) for name in ("all", "one"))
    values = {metric: [each[2]] for metric, each in everything["strategies"]["deferred"]["values"].items()}
    alone = one["strategies"]["deferred"]
    assert {metric: alone["values"][metric] for metric in values} == values
    assert alone["runs"] == [everything["strategies"]["deferred"]["runs"][2]]


def test_another_replication_is_another_result(said: Said) -> None:
    said("run", "small.yaml", "--output", "kept")
    status, _, err = said("run", "small.yaml", "--replication", "1", "--output", "kept")
    assert (status, "use --force to replace it" in err) == (2, True)
    said("run", "small.yaml", "--replication", "1")
    assert [path.name.split("-")[:3] for path in Path("results/local").iterdir()] == [["small", "run", "1r1"]]


def test_results_without_a_history_or_damaged_ones_are_status_2_in_one_sentence(said: Said) -> None:
    said("run", "small.yaml", "--output", "plain")
    said("run", "small.yaml", "--history", "--output", "damaged")
    Path("damaged/history_reads.parquet").write_bytes(b"")
    sentences = {
        "nowhere": "bindsim: there is no folder nowhere\n",
        "small.yaml": "bindsim: there is no folder small.yaml\n",
        "plain": "bindsim: plain holds no history; run again with --history: bindsim run small.yaml --output plain\n",
        "damaged": (
            "bindsim: damaged is damaged: history_reads.parquet is not what was written; run the command again\n"
        ),
    }
    for name, sentence in sentences.items():
        assert said("verify", name) == (2, "", sentence)
        assert said("verify", name, "--json") == (2, "", sentence)


def test_an_interrupt_is_status_130_and_leaves_nothing(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    said("run", "small.yaml", "--history", "--output", "kept")
    before = content("kept")
    monkeypatch.setattr("sim.experiment.jobs.summarized", interrupted)
    monkeypatch.setattr("sim.experiment.verification.summarized", interrupted)
    words = "bindsim: interrupted; no partial results were kept\n"
    assert said("run", "small.yaml", "--history", "--verify", "--output", "other/kept") == (130, "", words)
    assert list(Path("other").iterdir()) == []
    assert said("verify", "kept") == (130, "", words)
    assert content("kept") == before


def test_properties_are_listed_with_what_they_mean_and_who_promises_them(said: Said) -> None:
    status, out, _ = said("properties")
    listed = json.loads(said("properties", "--json")[1])
    assert status == 0
    assert [line for line in out.splitlines() if not line.startswith(" ")] == [each["property"] for each in listed]
    assert max(map(len, out.splitlines())) <= 80
    promised = {each["property"]: each["promised_by"] for each in listed}
    assert promised["freshness"] == ["in-transaction", "deferred", "serialized"]
    assert promised["convergence"] == ["deferred", "serialized"]
    assert promised["agreement"] == []
    assert listed[3]["meaning"] == sim.history.summary.meaning("answers")
