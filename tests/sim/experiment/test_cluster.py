import signal
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.experiment.cache import OutcomeCache
from sim.experiment.executors import ClusterError
from sim.experiment.jobs import Job, Outcome, jobs_for, simulate
from sim.experiment.pool import Hooks, run_jobs, run_tasks
from sim.experiment.progress import Progress
from sim.experiment.sweeps import sweep
from sim.scenario import Scenario, with_overrides
from tests.sim.experiment.dask_cluster import RunningCluster, dask_cluster
from tests.sim.experiment.test_tasks import Deadly, refuse_three, square, survive


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCluster]:
    with dask_cluster(tmp_path_factory.mktemp("dask")) as running:
        yield running


def jobs(scenario: Scenario, replications: int = 3) -> list[Job]:
    short = with_overrides(scenario, ["horizon.duration_s=10"])
    return jobs_for(short, ("in-transaction", "deferred"), seed=1, replications=replications)


@pytest.mark.slow
def test_a_cluster_gives_the_same_outcomes_as_this_process(cluster: RunningCluster, scenario: Scenario) -> None:
    seen: list[Progress] = []
    there = list(run_jobs(jobs(scenario), runner=simulate, scheduler=cluster.address, on_progress=seen.append))
    assert there == list(run_jobs(jobs(scenario), runner=simulate, workers=1))
    assert [(each.strategy, each.replication) for each in there] == [
        (each.label, each.replication) for each in jobs(scenario)
    ]
    assert (seen[-1].replications_done, seen[-1].left_s) == (6, 0.0)
    assert seen[-1].operations == sum(outcome.operations for outcome in there)


@pytest.mark.slow
def test_a_sweep_keeps_the_same_bytes_on_a_cluster_and_with_one_or_two_processes(
    cluster: RunningCluster, scenario: Scenario, tmp_path: Path
) -> None:
    short = with_overrides(scenario, ["horizon.duration_s=10"])
    vary, cache = {"api.processes": [1, 2], "workload.rate_per_s": "1..3..3"}, OutcomeCache(None)
    places = {"one": {"workers": 1}, "two": {"workers": 2}, "cluster": {"scheduler": cluster.address}}
    for name, where in places.items():
        sweep(short, vary=vary, replications=5, cache=cache, output=tmp_path / name, **where)
    for file in ("summary.csv", "summary.json"):
        assert len({(tmp_path / name / file).read_bytes() for name in places}) == 1


@pytest.mark.slow
def test_a_failure_on_a_cluster_is_raised_here(cluster: RunningCluster) -> None:
    with pytest.raises(ZeroDivisionError, match="three"):
        list(run_tasks(refuse_three, range(6), scheduler=cluster.address))
    assert list(run_tasks(square, range(5), scheduler=cluster.address)) == [0, 1, 4, 9, 16]


@pytest.mark.slow
def test_a_worker_with_other_code_is_refused(cluster: RunningCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.experiment.executors.cluster.code_version", lambda: "other")
    with pytest.raises(ClusterError, match="other code or packages"):
        list(run_tasks(square, range(3), scheduler=cluster.address))


@pytest.mark.slow
def test_a_cluster_worker_that_is_killed_in_the_middle_costs_nothing_but_time(
    tmp_path: Path, scenario: Scenario
) -> None:
    with dask_cluster(tmp_path) as cluster:
        outcomes: list[Outcome] = []
        for outcome in run_jobs(jobs(scenario, 20), runner=simulate, scheduler=cluster.address):
            if not outcomes:
                cluster.workers[0].send_signal(signal.SIGKILL)
            outcomes.append(outcome)
    assert outcomes == list(run_jobs(jobs(scenario, 20), runner=simulate, workers=1))


@pytest.mark.slow
def test_a_task_that_kills_every_cluster_worker_is_given_up(tmp_path: Path) -> None:
    with dask_cluster(tmp_path, workers=5) as cluster:
        tasks = [Deadly(number, tmp_path, deaths=99 if number == 1 else 0) for number in range(3)]
        found = list(run_tasks(survive, tasks, scheduler=cluster.address, hooks=Hooks(lost=lambda task, why: why)))
    assert found == [0, "the Dask workers that ran it ended; is there enough memory?", 2]


@pytest.mark.slow
def test_a_scheduler_that_goes_away_is_said(tmp_path: Path, scenario: Scenario) -> None:
    with dask_cluster(tmp_path) as cluster:
        outcomes = run_jobs(jobs(scenario, 20), runner=simulate, scheduler=cluster.address)
        next(outcomes)
    with pytest.raises(ClusterError, match=r"the scheduler at tcp://.* has gone"):
        list(outcomes)


def test_nobody_at_the_address_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.experiment.executors.cluster._ANSWER_WITHIN_S", 0.2)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(ClusterError, match=rf"--scheduler {address}: no Dask scheduler answers there"):
        list(run_tasks(square, range(3), scheduler=address))


@pytest.mark.parametrize("address", ["nonsense", "tcp://", "http://localhost:1", "tcp://localhost:port"])
def test_an_address_that_is_none_is_said(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.experiment.executors.cluster._ANSWER_WITHIN_S", 0.2)
    with pytest.raises(ClusterError, match="--scheduler"):
        list(run_tasks(square, range(3), scheduler=address))


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "tcp://localhost:port"])
def test_an_address_that_is_refused_leaves_no_thread_behind(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.experiment.executors.cluster._ANSWER_WITHIN_S", 0.2)
    before = set(threading.enumerate())
    with pytest.raises(ClusterError):
        list(run_tasks(square, range(3), scheduler=address))
    assert {thread.name for thread in set(threading.enumerate()) - before if thread.name == "IO loop"} == set()


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.delitem(sys.modules, "sim.experiment.executors.dask_client", raising=False)
    with pytest.raises(ClusterError, match=r"pip install 'bindsim\[cluster\]'"):
        list(run_tasks(square, range(3), scheduler="tcp://127.0.0.1:8786"))
