"""validate: capacity, calibration, and the runs of every cell. Called by `bindsim validate` and notebooks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sim.calibration import Calibration, calibrate
from sim.experiment.comparing import choose_strategies
from sim.scenario import (
    Problem,
    Scenario,
    ScenarioError,
    parse_scenario,
    resolved,
    scaled,
    scaling_paths,
)
from sim.servers import RunDatabase, opened
from sim.validation.capacity import measured_capacity
from sim.validation.cell import Cell, Pairing, Runs, run_cell
from sim.validation.result import Validation
from sim.validation.targets import LOADS
from sim.wall import unsupported
from sim.wall.runner import WallRunner

REPLICATIONS = 5  # the fewest that have an interval
_OTHER_ARRIVALS = 1000  # added to the seed of what costs are measured with: it must not be what is predicted
_RATE = "workload.rate_per_s"

OnProgress = Callable[[str, float], None]
"""Called with what is being done, in words, and the share of everything that is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How to validate: everything that leaves the question as it is."""

    strategies: Sequence[str] | None = None
    loads: Sequence[float] = LOADS
    replications: int = REPLICATIONS
    seed: int = 1
    samples: int = 600  # of the calibration, operations of each kind
    blocks: dict[str, Any] | None = None  # a calibration's, instead of a new one
    on_progress: OnProgress = field(default=lambda what, share: None)


def validate(scenario: Scenario, database: str | RunDatabase, plan: Plan | None = None) -> Validation:
    """Measures and predicts the scenario at shares of its measured capacity.

    `database` is postgresql, mariadb, a SQLAlchemy URL, or one that is open. ScenarioError for a scenario whose load is
    no rate or that cannot run in real time, ServerError for a database that cannot be had.
    """
    plan = plan or Plan()
    _check(scenario)
    chosen, names = choose_strategies(scenario, plan.strategies)
    if isinstance(database, RunDatabase):
        return _Validating(chosen, names, database, plan).run()
    with opened(database, scenario.database.isolation) as run:
        return _Validating(chosen, names, run, plan).run()


def _check(scenario: Scenario) -> None:
    place = scenario.source or scenario.name
    problems = unsupported(scenario, is_private=True)
    if scenario.faults:
        problems.append(Problem(place, ("faults",), "are given: a prediction is compared with a run without faults"))
    if _RATE not in scaling_paths(scenario):
        kind = scenario.workload.arrivals.kind
        told = f"are '{kind}', which has no rate; allowed: poisson, constant, batches"
        problems.append(Problem(place, ("workload", "arrivals"), told))
    if problems:
        raise ScenarioError(problems)


def with_blocks(scenario: Scenario, blocks: dict[str, Any]) -> Scenario:
    """The scenario with a calibration's costs; processes, threads and pools stay."""
    data = resolved(scenario)
    for part in ("api", "database"):
        data[part] = {**data[part], **blocks.get(part, {})}
    return parse_scenario(data, name=scenario.source or scenario.name)


class _Validating:
    """One validation under way."""

    def __init__(self, scenario: Scenario, names: Sequence[str], database: RunDatabase, plan: Plan) -> None:
        self._scenario, self._names, self._database, self._plan = scenario, names, database, plan
        self._measure = WallRunner(database)
        calibrates = plan.blocks is None
        runs = len(names) * (1 + len(plan.loads) * (plan.replications * len(Pairing) + calibrates))
        self._steps, self._done = runs + calibrates, 0

    def run(self) -> Validation:
        """Everything."""
        plan = self._plan
        calibration = None if plan.blocks is not None else self._calibrate()  # first: it wants a server that is new
        capacities = {name: self._capacity(name) for name in self._names}
        runs = [
            self._cell(name, load, capacities[name], calibration) for name in self._names for load in plan.loads
        ]  # fmt: skip
        return Validation(
            self._scenario, runs, capacities=capacities, version=self._database.version, kind=self._database.kind,
            seed=plan.seed,
        )  # fmt: skip

    def _capacity(self, name: str) -> float:
        self._tell(f"capacity of {name}")
        return measured_capacity(self._scenario, name, self._measure, seed=self._plan.seed)

    def _calibrate(self) -> Calibration:
        self._tell("calibration")
        return calibrate(self._database, samples=self._plan.samples)

    def _cell(self, name: str, load: float, capacity: float, calibration: Calibration | None) -> Runs:
        rate_per_s = load * capacity
        scenario = scaled(self._scenario, _RATE, rate_per_s)
        blocks = self._plan.blocks if calibration is None else self._in_service(calibration, scenario, name, load)
        cell = Cell(
            strategy=name, load=load, rate_per_s=rate_per_s, scenario=scenario, blocks=blocks or {},
            calibrated=with_blocks(scenario, blocks or {}),
        )  # fmt: skip
        plan = self._plan
        return run_cell(cell, self._measure, replications=plan.replications, seed=plan.seed, on_run=self._on_run)

    def _in_service(self, calibration: Calibration, scenario: Scenario, name: str, load: float) -> dict[str, Any]:
        """What things cost at this load, from a run with arrivals of its own: processors are slower when they idle."""
        self._tell(f"{name} at {load:.0%}, calibration")
        alone = scenario.model_copy(update={"strategies": (scenario.strategy(name),)})
        return calibration.in_service(alone, self._database, seed=self._plan.seed + _OTHER_ARRIVALS).blocks()

    def _on_run(self, cell: Cell, pairing: Pairing, replication: int) -> None:
        self._tell(f"{cell.strategy} at {cell.load:.0%}, {pairing} {replication + 1}/{self._plan.replications}")

    def _tell(self, what: str) -> None:
        self._plan.on_progress(what, self._done / self._steps)
        self._done += 1
