from contextlib import AbstractContextManager, nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

from sim.experiment.jobs import Job
from sim.scenario import Scenario, ScenarioError, load_scenario, resolved
from sim.simulation import run
from sim.validation import Pairing, Plan, validate
from sim.validation.validating import with_blocks

BLOCKS = {
    "api": {"cores": 2, "cpu_s": 0.0002, "cpu_s_per_statement": 0.00005},
    "database": {"profile": "postgresql", "round_trip_s": 0.0001, "cores": 2},
}


def small() -> Scenario:
    return load_scenario("validation", overrides=["horizon={duration_s: 2}"])


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """Validation with a simulated run in the place of a measured one, and what was to be measured."""
    jobs: list[Job] = []

    def measure(job: Job, report: Any) -> Any:
        jobs.append(job)
        return run(job.scenario, strategy=job.strategy, seed=job.seed, replication=job.draw)

    def opened(database: str, isolation: str | None) -> AbstractContextManager[Any]:
        return nullcontext(SimpleNamespace(version="PostgreSQL 1", kind="postgresql"))

    monkeypatch.setattr("sim.validation.validating.WallRunner", lambda database: measure)
    monkeypatch.setattr("sim.validation.validating.opened", opened)
    return jobs


def test_a_prediction_of_itself_is_without_error_but_for_the_costs_that_were_put_in(asked: list[Job]) -> None:
    found = validate(small(), "postgresql", Plan(strategies=["deferred"], loads=[0.3], replications=2, blocks=BLOCKS))
    (cell,) = found.cells
    assert cell.calibrated.database.profile == "postgresql"
    assert cell.calibrated.workload == cell.scenario.workload
    rows = {row.metric: row for row in found.rows}
    assert rows["throughput_per_s.all.mean"].error == pytest.approx(0, abs=0.02)
    assert rows["latency_s.all.p95"].spread == 0


def test_the_load_is_a_share_of_the_measured_capacity(asked: list[Job]) -> None:
    found = validate(small(), "postgresql", Plan(strategies=["deferred"], loads=[0.5], replications=1, blocks=BLOCKS))
    (cell,) = found.cells
    assert cell.rate_per_s == 0.5 * found.capacities["deferred"]
    assert cell.scenario.workload.arrivals.poisson is not None
    assert cell.scenario.workload.arrivals.poisson.rate_per_s == pytest.approx(cell.rate_per_s)


def test_each_replication_is_measured_twice_with_the_same_seed_and_number(asked: list[Job]) -> None:
    validate(small(), "postgresql", Plan(strategies=["deferred"], loads=[0.3], replications=2, seed=7, blocks=BLOCKS))
    capacity, *cells = asked
    assert capacity.scenario.workload.arrivals.is_closed
    assert [(job.seed, job.draw) for job in cells] == [(7, 0), (7, 0), (7, 1), (7, 1)]


def test_progress_tells_each_run_and_never_goes_back(asked: list[Job]) -> None:
    told: list[tuple[str, float]] = []
    plan = Plan(
        strategies=["deferred"], loads=[0.3], replications=1, blocks=BLOCKS,
        on_progress=lambda what, share: told.append((what, share)),
    )  # fmt: skip
    validate(small(), "postgresql", plan)
    assert [what for what, _ in told] == [
        "capacity of deferred", *(f"deferred at 30%, {each} 1/1" for each in Pairing),
    ]  # fmt: skip
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert shares[-1] < 1


def test_blocks_replace_costs_and_leave_processes_threads_and_pools() -> None:
    before, after = small(), with_blocks(small(), BLOCKS)
    assert (after.api.processes, after.api.threads) == (before.api.processes, before.api.threads)
    assert after.database.pool == before.database.pool
    assert (after.api.cpu_s, after.database.round_trip_s) == (0.0002, 0.0001)
    assert resolved(after)["workload"] == resolved(before)["workload"]


@pytest.mark.parametrize(
    ("name", "overrides", "place"),
    [
        ("validation", ["horizon={duration_s: 5}", "workload.arrivals={storm: {count: 5}}"], "workload.arrivals"),
        ("validation", ["faults=[{crash: {at_s: 1, process: 0}}]"], "faults"),
        ("eventlet_lock_wait", [], "api.kind"),
    ],
)
def test_what_cannot_be_validated_is_named_with_its_place(name: str, overrides: list[str], place: str) -> None:
    with pytest.raises(ScenarioError, match=place.replace(".", r"\.")):
        validate(load_scenario(name, overrides=overrides), "postgresql")
