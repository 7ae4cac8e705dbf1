"""bindsim plan: what it refuses, what it prints and keeps, and how it is interrupted."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.results import load_run

SMALL = """\
question: How much does one call at a time carry?
strategies: [deferred]
horizon: {duration_s: 20}
workload:
  arrivals: {poisson: {rate_per_s: 5}}
  operations: [{operation: create_port}]
topology: {hosts: 3, tenants: 3, ip_allocation: false}
api: {processes: 2, threads: 20}
drivers: [{name: sdn, kind: controller, controller: sdn}]
controllers: [{name: sdn, concurrency: 1, timeout_s: 1000, latency: {bind: {exponential: {mean_s: 0.1}}}}]
primary_metric: latency_s.create_port.p95
"""
EXPERIMENT = """\
question: How much does it carry?
kind: plan
scenario: small.yaml
replications: 1
slo: ["latency_s.create_port.p95 < 1"]
scale: workload.rate_per_s
vary:
  - {controllers.sdn.concurrency: [1, 2]}
"""
OBJECTIVE = ("--slo", "latency_s.create_port.p95 < 1")
MAIN = "import sys; from sim.cli import main; sys.exit(main())"
LONGEST_S = 60.0

Said = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own for every test, with the small scenario in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BINDSIM_CACHE", "off")
    Path("small.yaml").write_text(SMALL)
    return tmp_path


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ((), "--slo: is missing, and small has no thresholds for deferred; give one, such as"),
        (("--slo", "p95 < 1"), "--slo: 'p95 < 1'"),
        (("--slo", "latency_s.update_port.p96 < 1"), "is not a metric"),
        ((*OBJECTIVE, "--scale", "workload.clients"), "workload.clients: does not fit the arrivals of small"),
        ((*OBJECTIVE, "--scale", "api.processes"), "api.processes: names no load; allowed: workload.rate_per_s"),
        ((*OBJECTIVE, "--strategies", "eventual"), "--strategies: names 'eventual': no such strategy"),
        ((*OBJECTIVE, "--vary", "api.processes"), "--vary api.processes: must have the form PATH=V1,V2"),
        ((*OBJECTIVE, "--vary", "api.processes=0,1"), "api.processes"),
        ((*OBJECTIVE, "--rate", "0"), "--rate is 0; it must be above 0"),
        ((*OBJECTIVE, "--headroom", "0.3"), "--headroom goes with --rate"),
        ((*OBJECTIVE, "--rate", "1", "--headroom", "-1"), "--headroom is -1; it must be 0 to 10"),
        ((*OBJECTIVE, "--precision", "2"), "--precision is 2; it must be above 0 and below 1"),
        ((*OBJECTIVE, "--precision", "0.1", "--replications", "5"), "cannot be given together"),
    ],
)  # fmt: skip
def test_what_means_nothing_is_refused_before_anything_runs(said: Said, options: tuple[str, ...], says: str) -> None:
    status, out, err = said("plan", "small.yaml", *options)
    assert (status, out) == (2, "")
    assert says in err
    assert not Path("results").exists()


@pytest.mark.slow
def test_a_plan_says_its_answer_first_fits_80_columns_and_is_kept(said: Said) -> None:
    status, out, err = said("plan", "small.yaml", *OBJECTIVE, "--replications", "5", "--workers", "1")
    assert status == 0
    first = " ".join(out.split("\n\n")[0].split())
    assert first.startswith("small: deferred carries ")
    assert "limited by controller sdn (one call more at a time at sdn: +" in first
    assert max(map(len, out.splitlines())) <= 80
    result = load_run(Path(err.split("results in ")[1].strip()))
    assert result.manifest["run"]["verb"] == "plan"
    assert result.manifest["files"].keys() == {"summary.csv", "summary.json"}
    (deferred,) = result.details["strategies"]
    assert deferred["limited_by"] == "controller sdn"
    assert deferred["low"] < deferred["mean"] < deferred["high"]
    assert {"load", "replication", "met", "latency_s.create_port.p99"} <= result.details["points"][0].keys()


def test_too_few_replications_are_inconclusive_and_json_is_what_is_kept(said: Said) -> None:
    status, out, err = said("plan", "small.yaml", *OBJECTIVE, "--replications", "1", "--workers", "1", "--json")
    assert status == 3
    kept = json.loads((Path(err.split("results in ")[1].strip()) / "summary.json").read_text())
    assert json.loads(out) == kept
    assert kept["conclusive"] is False


def test_an_experiment_of_kind_plan_says_it_all(said: Said) -> None:
    Path("carried.yaml").write_text(EXPERIMENT)
    status, out, _ = said("plan", "carried.yaml", "--workers", "1")
    assert status == 3
    assert "controllers.sdn.concurrency=2 deferred" in out
    assert said("plan", "carried.yaml", "--vary", "api.processes=1")[0] == 2
    Path("other.yaml").write_text(
        EXPERIMENT.replace("kind: plan", "kind: sweep").split("slo:")[0] + "vary: [{a: [1]}]\n"
    )
    status, _, err = said("plan", "other.yaml")
    assert status == 2
    assert "is an experiment of kind sweep" in err


def test_a_rate_asks_for_a_size(said: Said) -> None:
    options = ("--rate", "8", "--vary", "controllers.sdn.concurrency=4,1,2", "--replications", "5", "--workers", "1")
    status, out, _ = said("plan", "small.yaml", *OBJECTIVE, *options)
    assert status == 0
    assert "under deferred controllers.sdn.concurrency=2 is the smallest that carries" in " ".join(out.split())
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.slow
def test_a_plan_that_is_interrupted_leaves_no_result_and_says_what_it_keeps(tmp_path: Path) -> None:
    call = [sys.executable, "-c", MAIN, "plan", "boot_storm", *OBJECTIVE, "--output", str(tmp_path / "out" / "plan")]
    environment = {"BINDSIM_CACHE": str(tmp_path / "cache"), "PATH": "/usr/bin:/bin"}
    checkout = Path(__file__).parents[2]
    with subprocess.Popen(
        call, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=checkout
    ) as command:  # fmt: skip
        began_s = time.monotonic()
        while not list(tmp_path.glob("cache/*/*.json")) and time.monotonic() - began_s < LONGEST_S:
            time.sleep(0.05)
        command.send_signal(signal.SIGINT)
        out, err = command.communicate(timeout=LONGEST_S)
    assert (command.returncode, out) == (130, "")
    assert "finished runs are in the cache; the same command goes on from there" in err
    assert "Traceback" not in err
    assert list((tmp_path / "out").iterdir()) == []
    assert list(tmp_path.glob("cache/*/*.json"))
