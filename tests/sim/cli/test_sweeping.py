import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.results import load_run

MAIN = "import sys; from sim.cli import main; sys.exit(main())"
LONGEST_S = 60.0
SHORT = ("--set", "horizon.duration_s=5", "--replications", "5", "--workers", "1")
SWEEP = ("sweep", "hot_port", "--vary", "api.processes=1,2", *SHORT)

Said = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BINDSIM_CACHE", raising=False)
    return tmp_path


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "manifest.json"}


def test_a_sweep_prints_points_by_strategies_within_80_columns(said: Said) -> None:
    status, out, err = said(*SWEEP)
    lines = out.splitlines()
    assert status == 0
    assert max(map(len, lines)) <= 80
    assert lines[0].startswith("hot_port: What happens to the few ports")
    assert "latency_s.update_port.p95 in s, lower is better: 2 points." in out
    assert [line.split()[0] for line in lines if line.strip()[:2] in ("1 ", "2 ", "pr")] == ["processes", "1", "2"]
    [result] = Path("results/local").glob("hot_port-sweep-1n5-*")
    assert err == f"results in {result}\n"
    assert load_run(result).manifest["command"].startswith("bindsim sweep hot_port --vary api.processes=1,2")


def test_the_same_sweep_again_comes_from_the_cache(said: Said, folder: Path) -> None:
    first = said(*SWEEP, "--output", "first")
    second = said(*SWEEP, "--output", "second")
    third = said(*SWEEP, "--output", "third", "--no-cache")
    assert first[1] == second[1] == third[1]
    assert "cache" not in first[2] + third[2]
    assert "20 of 20 replications came from the cache" in second[2]
    assert files(folder / "first") == files(folder / "second") == files(folder / "third")


def test_the_cache_can_be_emptied_moved_and_switched_off(
    said: Said, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said(*SWEEP)
    assert said("sweep", "--clear-cache") == (0, "", "20 replications deleted from results/local/cache\n")
    monkeypatch.setenv("BINDSIM_CACHE", str(folder / "mine"))
    said(*SWEEP)
    assert len(list((folder / "mine").rglob("*.json"))) == 20
    monkeypatch.setenv("BINDSIM_CACHE", "off")
    assert said("sweep", "--clear-cache")[2] == "0 replications deleted from no cache: it is off\n"


def test_json_is_the_summary(said: Said) -> None:
    status, out, _ = said(*SWEEP, "--json", "--output", "here")
    assert status == 0
    assert json.loads(out) == load_run("here").details


def test_another_metric_another_table(said: Said) -> None:
    _, out, _ = said(*SWEEP, "--metric", "bindings_count.bound.total", "--output", "a")
    status, out, _ = said(*SWEEP, "--metric", "lost_bindings_count.missing.total", "--output", "b")
    assert status == 0
    assert "lost_bindings_count.missing.total" in out
    assert "none seen" in out


def test_many_or_long_settings_become_numbered_points(said: Said) -> None:
    latency = "controllers.sdn.latency.bind={lognormal: {median_s: 0.2, p95_s: 0.6}},{exponential: {mean_s: 0.3}}"
    status, out, _ = said("sweep", "hot_port", "--vary", latency, *SHORT)
    assert status == 0
    assert max(map(len, out.splitlines())) <= 80
    assert "point" in out
    assert "2: controllers.sdn.latency.bind=" in out


def test_shards_and_merge_print_what_the_whole_prints(said: Said, folder: Path) -> None:
    whole = said(*SWEEP, "--output", "whole")
    for number in (1, 2):
        assert said(*SWEEP, "--shard", f"{number}/2")[0] == 0
    parts = sorted(map(str, Path("results/local").glob("*.shard-*-of-2")))
    assert len(parts) == 2
    status, out, err = said("merge", *parts, "--output", "merged")
    assert (status, out, err) == (0, whole[1], "results in merged\n")
    assert files(folder / "merged") == files(folder / "whole")
    assert said("merge", parts[0]) == (
        2, "", "bindsim: these shards are missing: 2/2; run the sweep with --shard 2/2\n",
    )  # fmt: skip


def test_an_experiment_file_says_all_and_the_command_line_has_the_last_word(said: Said, folder: Path) -> None:
    (folder / "mine.yaml").write_text(
        "question: does it matter?\nkind: sweep\nscenario: hot_port\nseed: 4\nreplications: 2\n"
        "strategies: [deferred, in-transaction]\nset: {horizon.duration_s: 5}\nvary: [{api.processes: [1, 2]}]\n"
    )
    assert said("sweep", "mine.yaml", "--workers", "1", "--output", "a")[0] == 0
    run = load_run("a").manifest["run"]
    assert (run["seed"], run["replications"], run["strategies"]) == (4, 2, ["deferred", "in-transaction"])
    changes = ("--seed", "5", "--replications", "3", "--strategies", "deferred", "--set", "api.threads=9")
    assert said("sweep", "mine.yaml", "--workers", "1", "--output", "b", *changes)[0] == 0
    manifest = load_run("b").manifest
    run = manifest["run"]
    assert (run["seed"], run["replications"], run["strategies"]) == (5, 3, ["deferred"])
    assert manifest["scenario"]["api"]["threads"] == 9
    assert manifest["origin"] == ["hot_port", "--set", "horizon.duration_s=5", "--set", "api.threads=9"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["hot_port"], "--vary: is missing; a sweep varies at least one path"),
        (["hot_port", "--vary", "api.processes=0,1"], "api.processes is 0: must be at least 1"),
        (["hot_port", "--vary", "api.processes=1", "--metric", "speed"], "--metric: 'speed' is not a metric"),
        (["hot_port", "--vary", "api.processes=1", "--shard", "2/1"], "--shard is '2/1'; it must be I/N"),
        (["hot_port", "--vary", "api.processes=1", "--precision", "2"], "--precision is 2; it must be above 0"),
        (["hot_port", "--vary", "api.processes=1", "--precision", "0.1", "--replications", "5"], "together"),
        (["hot_port", "--vary", "api.processes=1", "--strategies", "hasty"], "names 'hasty': no such strategy"),
        (["hot_port", "--vary", "api.processes=1", "--factor", "3"], "go with --screen"),
        (["hot_port", "--vary", "api.processes=1", "--screen"], "--vary does not go with --screen"),
        (["hot_port", "--vary", "api.processes=1", "--set", "horizon.kind=steady_state"], "horizon.warm_up_s is null"),
        (["no_such_thing", "--vary", "api.processes=1"], "is not in ./scenarios nor among the installed ones"),
        ([], "Missing argument 'SCENARIO'"),
    ],
)  # fmt: skip
def test_what_cannot_be_swept_is_refused_in_one_sentence(said: Said, arguments: list[str], told: str) -> None:
    status, out, err = said("sweep", *arguments)
    assert (status, out) == (2, "")
    assert told in err
    assert "Traceback" not in err
    assert not Path("results").exists()


def test_a_result_that_could_not_be_kept_is_refused_before_anything_runs(said: Said) -> None:
    said(*SWEEP, "--output", "here")
    status, _, err = said(*SWEEP, "--seed", "2", "--output", "here")
    assert (status, "holds a different result" in err) == (2, True)


def test_a_cluster_that_is_not_there_is_told(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.experiment.executors.cluster._ANSWER_WITHIN_S", 0.2)
    status, _, err = said(*SWEEP, "--scheduler", "tcp://127.0.0.1:1")
    assert status == 2
    assert err.startswith("bindsim: --scheduler tcp://127.0.0.1:1: no Dask scheduler answers there")
    assert not list(Path("results/local").glob("hot_port*"))


def test_a_point_that_fails_is_printed_with_its_command_and_4(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.experiment.jobs import measure

    def broken(facts):
        if facts.strategy == "deferred" and facts.replication == 2:
            raise ZeroDivisionError("no")
        return measure(facts)

    monkeypatch.setattr("sim.experiment.jobs.measure", broken)
    status, out, err = said(*SWEEP)
    assert status == 4
    assert "bindsim: 2 of 2 points failed" in err
    assert "failed: ZeroDivisionError: no" in " ".join(out.split())
    settings = "--set horizon.duration_s=5 --set api.processes=1"
    assert f"bindsim run hot_port {settings} --strategy deferred --seed 1 --replication 2" in " ".join(out.split())


MARKED = """\
question: which guess matters?
horizon: {duration_s: 5}
workload:
  arrivals: {poisson: {rate_per_s: 2}}
  operations: [{operation: create_port, bind: true}]
api: {threads: 9}                    # assumption
topology: {tenants: 3}               # measured
drivers: [{name: sdn, kind: controller, controller: sdn}]
controllers:
  - {name: sdn, latency: {bind: 0.5, confirm: 0}}      # assumptions
primary_metric: latency_s.create_port.p50
min_effect: {relative: 0.05}         # assumption
"""


def test_screening_ranks_the_assumptions(said: Said, folder: Path) -> None:
    (folder / "marked.yaml").write_text(MARKED)
    asked = ("sweep", "marked.yaml", "--screen", "--trajectories", "3", "--workers", "1", "--replications", "1")
    status, out, _ = said(*asked, "--output", "s")
    text = " ".join(out.split())
    assert status == 0
    assert max(map(len, out.splitlines())) <= 80
    for words in (
        "2 assumptions by their effect on latency_s.create_port.p50 in s.",
        "Morris screening: 3 trajectories",
        "1/2 to 2 times",
        "interactions",
        "Not varied: min_effect.relative: it is about reading the result; no run depends on it.",
        "Not varied: controllers.sdn.latency.confirm: it is 0, which cannot be scaled.",
    ):
        assert words in text
    back = load_run("s")
    assert back.manifest["run"]["verb"] == "screen"
    first = back.summary[back.summary["rank"] == 1]
    assert list(first.output) == ["in-transaction", "deferred", "deferred - in-transaction"]
    assert set(first.path[:2]) == {"controllers.sdn.latency.bind"}
    assert (first.mu_star[:2] > 0.5).all()
    assert said(*asked, "--output", "t", "--json")[1] == (Path("s") / "summary.json").read_text()


@pytest.mark.slow
@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_a_sweep_that_is_told_to_end_goes_on_where_it_was(told: signal.Signals, folder: Path) -> None:
    call = [sys.executable, "-c", MAIN, "sweep", "boot_storm", "--vary", "api.processes=1,2,4", "--output", "out"]
    call += ["--replications", "8", "--workers", "2", "--set", "horizon.duration_s=60"]
    with subprocess.Popen(call, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=folder) as command:
        began_s = time.monotonic()
        while len(list(folder.rglob("cache/*/*.json"))) < 5 and time.monotonic() - began_s < LONGEST_S:
            time.sleep(0.05)
        command.send_signal(told)
        out, err = command.communicate(timeout=LONGEST_S)
    assert (command.returncode, out) == (130, "")
    assert "finished replications are in the cache; the same command goes on from there" in err
    assert "Traceback" not in err
    assert not (folder / "out").exists()
    kept = len(list(folder.rglob("cache/*/*.json")))
    assert 5 <= kept < 48
    done = subprocess.run(call, capture_output=True, text=True, cwd=folder, check=True)
    assert f"{kept} of 48 replications came from the cache" in done.stderr
    call[call.index("out")] = "fresh"
    subprocess.run([*call, "--no-cache"], capture_output=True, cwd=folder, check=True)
    assert files(folder / "out") == files(folder / "fresh")
