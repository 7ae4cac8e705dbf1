import json
import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.experiment.cache import OutcomeCache
from sim.experiment.jobs import Job, Report
from sim.experiment.precision import Precision
from sim.experiment.sweeps import Shard, SweepProgress, SweepSettings, sweep
from sim.experiment.sweeps.settings import REPLICATIONS
from sim.metrics import RunFacts, Tables
from sim.results import ResultError, load_run
from sim.scenario import Scenario, ScenarioError
from tests.sim.experiment.conftest import pretend

VARY = {"api.processes": [1, 2], "workload.rate_per_s": "1..3..3"}
P95 = "latency_s.create_port.p95"


def fails_at_two(job: Job, report: Report) -> RunFacts:
    """An error of the program at one point, in one replication of one strategy."""
    if job.scenario.api.processes == 2 and job.strategy == "deferred" and job.draw == 1:
        raise ZeroDivisionError("two")
    return pretend(job, report)


def dies_at_two(job: Job, report: Report) -> RunFacts:
    """A run that ends its process."""
    if job.scenario.api.processes == 2 and job.draw == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return pretend(job, report)


def spreads_with_processes(job: Job, report: Report) -> RunFacts:
    """The more processes, the more the latencies of replications differ; they do not with one."""
    noise = np.random.default_rng([9, job.draw]).uniform(0, job.scenario.api.processes - 1)
    tables, latency_us = Tables.empty(), round((1 + noise) * 1e6)
    words = tables.words
    tables.operations.append(
        0, words.kinds.code("create_port"), words.classes.code("boot"), 0, 0, 0, -1, 0, 0, 0, latency_us, 0, -1, 1, 0
    )  # fmt: skip
    return RunFacts(
        scenario="noisy",
        strategy=job.strategy,
        seed=1,
        replication=job.draw,
        tables=tables,
        virtual_us=1,
        load_end_us=1,
    )


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name not in ("manifest.json", "cache")}


@pytest.fixture
def how(tmp_path: Path, runner: Any) -> dict[str, Any]:
    return {"replications": 5, "workers": 1, "runner": runner, "cache": OutcomeCache(tmp_path / "cache")}


def test_every_point_is_a_comparison_of_its_own_scenario(scenario: Scenario, how: dict[str, Any]) -> None:
    found = sweep(scenario, vary=VARY, **how)
    assert [tuple(point.settings.values()) for point in found.points] == [
        (1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3),
    ]  # fmt: skip
    assert found.point({"api.processes": 2, "workload.rate_per_s": 3}).scenario.api.processes == 2
    assert (found.run, found.cached, found.failures) == (60, 0, ())
    for point in found.points:
        assert point.comparison.strategies == ("in-transaction", "deferred")
        assert point.comparison.row(P95).best == "deferred"
    with pytest.raises(KeyError, match=r"points differ in api\.processes"):
        found.point({"api.processes": 9})


def test_the_frame_begins_with_what_is_varied(scenario: Scenario, how: dict[str, Any]) -> None:
    frame = sweep(scenario, vary=VARY, **how).frame()
    assert list(frame.columns[:5]) == ["api.processes", "workload.rate_per_s", "metric", "unit", "better"]
    primary = frame[frame.metric == P95]
    assert len(primary) == 6 * 2
    assert (primary.high > primary.low).all()
    assert primary[primary.strategy == "deferred"].difference_high.lt(0).all()


@pytest.mark.parametrize("workers", [1, 2])
def test_the_bytes_do_not_depend_on_workers_nor_on_the_cache(
    scenario: Scenario, how: dict[str, Any], tmp_path: Path, workers: int
) -> None:
    sweep(scenario, vary=VARY, **how, output=tmp_path / "first")
    changed = {**how, "workers": workers}
    uncached = sweep(scenario, vary=VARY, **{**changed, "cache": OutcomeCache(None)}, output=tmp_path / "second")
    cached = sweep(scenario, vary=VARY, **changed, output=tmp_path / "third")
    assert (uncached.run, uncached.cached, cached.run, cached.cached) == (60, 0, 0, 60)
    assert files(tmp_path / "first") == files(tmp_path / "second") == files(tmp_path / "third")
    assert set(files(tmp_path / "first")) == {"summary.csv", "summary.json"}


def test_a_point_more_runs_only_itself(scenario: Scenario, how: dict[str, Any]) -> None:
    sweep(scenario, vary={"api.processes": [1, 2]}, **how)
    more = sweep(scenario, vary={"api.processes": [1, 2, 3]}, **how)
    assert (more.run, more.cached) == (10, 20)
    longer = sweep(scenario, vary={"api.processes": [1, 2, 3]}, **{**how, "replications": 6})
    assert (longer.run, longer.cached) == (6, 30)


def test_what_is_kept_can_be_read_back(scenario: Scenario, how: dict[str, Any], tmp_path: Path) -> None:
    found = sweep(scenario, vary=VARY, **how, output=tmp_path / "kept")
    back = load_run(tmp_path / "kept")
    assert back.details == json.loads(json.dumps(found.summary()))
    assert len(back.summary) == len(found.summary_rows())
    assert list(back.summary["workload.rate_per_s"].unique()) == [1, 2, 3]
    run = back.manifest["run"]
    assert (run["verb"], run["experiment"]["vary"]) == (
        "sweep", [{"api.processes": [1, 2]}, {"workload.rate_per_s": [1, 2, 3]}],
    )  # fmt: skip


def test_another_sweep_of_the_same_scenario_is_a_different_result(
    scenario: Scenario, how: dict[str, Any], tmp_path: Path
) -> None:
    sweep(scenario, vary={"api.processes": [1]}, **how, output=tmp_path / "kept")
    with pytest.raises(ResultError, match="--force"):
        sweep(scenario, vary={"api.processes": [2]}, **how, output=tmp_path / "kept")


@pytest.mark.parametrize("workers", [1, 2])
def test_a_point_that_fails_says_how_to_see_it_and_stops_no_other(
    scenario: Scenario, how: dict[str, Any], tmp_path: Path, workers: int
) -> None:
    changed = {**how, "runner": fails_at_two, "workers": workers}
    found = sweep(scenario, vary={"api.processes": [1, 2, 3]}, **changed, output=tmp_path / str(workers))
    [failed] = found.failures
    assert failed.settings == {"api.processes": 2}
    assert failed.failure.message.endswith("replication 1) failed: ZeroDivisionError: two")
    assert failed.failure.command == (
        "bindsim run by_hand.yaml --set api.processes=2 --strategy deferred --seed 1 --replication 1"
    )
    assert "fails_at_two" in failed.failure.details
    assert [point.comparison is None for point in found.points] == [False, True, False]
    notes = found.frame().groupby("api.processes").note.agg(list)
    assert notes[2] == ["failed", "failed"]
    saved = load_run(tmp_path / str(workers)).details["points"][1]
    assert saved == {"number": 1, "settings": {"api.processes": 2}, "failure": failed.failure.data()}


def test_a_failure_at_a_scaled_load_is_shown_by_a_sweep(scenario: Scenario, how: dict[str, Any]) -> None:
    vary = {"api.processes": [2], "workload.rate_per_s": [4]}
    found = sweep(scenario, vary=vary, **{**how, "runner": fails_at_two})
    assert found.failures[0].failure.command == (
        "bindsim sweep by_hand.yaml --vary api.processes=2 --vary workload.rate_per_s=4 --strategies deferred "
        "--seed 1 --replications 2"
    )


def test_a_run_that_ends_its_process_again_and_again_fails_its_point_only(
    scenario: Scenario, how: dict[str, Any]
) -> None:
    found = sweep(scenario, vary={"api.processes": [1, 2, 3]}, **{**how, "runner": dies_at_two, "workers": 2})
    assert [point.failure is None for point in found.points] == [True, False, True]
    assert "its worker process ended 3 times" in found.points[1].failure.message


def test_a_stopped_sweep_goes_on_where_it_was(scenario: Scenario, how: dict[str, Any], tmp_path: Path) -> None:
    def interrupt(progress: SweepProgress) -> None:
        if progress.replications_done == 25:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(scenario, vary=VARY, **how, output=tmp_path / "kept", on_progress=interrupt)
    assert not (tmp_path / "kept").exists()
    found = sweep(scenario, vary=VARY, **how, output=tmp_path / "kept")
    assert (found.run, found.cached) == (35, 25)
    sweep(scenario, vary=VARY, **{**how, "cache": OutcomeCache(None)}, output=tmp_path / "fresh")
    assert files(tmp_path / "kept") == files(tmp_path / "fresh")


@pytest.mark.parametrize("workers", [1, 2])
def test_progress_counts_points_and_failures(scenario: Scenario, how: dict[str, Any], workers: int) -> None:
    seen: list[SweepProgress] = []
    sweep(scenario, vary={"api.processes": [1]}, **how)
    changed = {**how, "runner": fails_at_two, "workers": workers}
    sweep(scenario, vary={"api.processes": [1, 2, 3]}, **changed, on_progress=seen.append)
    last = seen[-1]
    assert (last.points_done, last.points, last.failures, last.cached) == (3, 3, 1, 10)
    assert (last.replications_done, last.replications) == (20, 20)
    assert seen[0].points_done == 1


def test_every_point_gets_the_replications_that_its_precision_needs(scenario: Scenario, how: dict[str, Any]) -> None:
    precision = Precision(share=0.1, most=40)
    changed = {**how, "runner": spreads_with_processes, "precision": precision}
    found = sweep(scenario, vary={"api.processes": [1, 3, 5]}, **changed)
    counts = [point.comparison.replications for point in found.points]
    assert counts[0] == 10
    assert counts[0] < counts[1] <= counts[2] == 40
    for point in found.points:
        labels = [outcome.replication for outcome in point.comparison.samples.outcomes("deferred")]
        assert labels == list(range(point.comparison.replications))
    again = sweep(scenario, vary={"api.processes": [1, 3, 5]}, **changed)
    assert (again.run, again.cached) == (0, found.run)
    assert again.summary() == found.summary()


def test_everything_is_checked_before_anything_runs(
    scenario: Scenario, how: dict[str, Any], broken_runner: Any
) -> None:
    changed = {**how, "runner": broken_runner}
    for wrong in (
        {"vary": {"api.processes": [1, 0]}},
        {"vary": VARY, "strategies": ["hasty"]},
        {"vary": VARY, "metric": "latency_s.create_port.p96"},
        {"vary": {}},
    ):
        with pytest.raises(ScenarioError):
            sweep(scenario, **wrong, **changed)
    with pytest.raises(ValueError, match="vary is missing"):
        sweep(scenario, **changed)


@pytest.mark.parametrize(("field", "value"), [("replications", 0), ("seed", -1), ("workers", 0)])
def test_a_number_that_means_nothing_is_refused(field: str, value: int) -> None:
    with pytest.raises(ValueError, match=f"{field} is {value}; it must be at least"):
        SweepSettings(**{field: value})


def test_an_experiment_file_is_swept(how: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.yaml").write_text(
        "question: does it matter?\nkind: sweep\nscenario: hot_port\nseed: 4\nstrategies: [deferred]\n"
        "metric: goodput_per_s.all.mean\nset: {horizon.duration_s: 10}\nvary: [{api.processes: [1, 2]}]\n"
    )
    found = sweep(str(tmp_path / "mine.yaml"), **how)
    assert (found.over.seed, found.over.strategies, found.over.metric) == (4, ("deferred",), "goodput_per_s.all.mean")
    assert found.run == 2 * REPLICATIONS
    assert found.points[0].scenario.horizon.duration_s == 10


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "a/b", "1/2/3", "-1/2", "1/0"])
def test_a_shard_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be I/N with I from 1 to N"):
        Shard.parse(text)


def test_shards_have_every_point_once() -> None:
    shards = [Shard(number, 3) for number in (1, 2, 3)]
    assert [[shard.holds(point) for shard in shards].count(True) for point in range(20)] == [1] * 20
