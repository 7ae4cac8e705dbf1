"""Made-up runs of a cell, shared by the tests of validation."""

from collections.abc import Mapping, Sequence

from sim.experiment.jobs import Outcome
from sim.metrics.measure import Values
from sim.scenario import Scenario, load_scenario
from sim.validation.cell import Cell, Pairing, Runs
from sim.validation.result import Validation


def scenario() -> Scenario:
    return load_scenario("validation")


def runs(
    values: Mapping[Pairing, Sequence[Mapping[str, float]]], *, load: float = 0.3, strategy: str = "deferred"
) -> Runs:
    given = scenario()
    cell = Cell(strategy=strategy, load=load, rate_per_s=60.0, scenario=given, calibrated=given)
    return Runs(
        cell=cell, outcomes={each: [_outcome(strategy, k, v) for k, v in enumerate(values[each])] for each in Pairing}
    )


def same(metric: str, *, measured: float, predicted: float, again: float, spread: float = 0.0) -> Runs:
    """Five replications around these means."""
    means = {Pairing.MEASURED: measured, Pairing.PREDICTED: predicted, Pairing.AGAIN: again}
    steps = (-2, -1, 0, 1, 2)
    return runs({each: [{metric: mean + spread * step} for step in steps] for each, mean in means.items()})


def validation(*several: Runs) -> Validation:
    return Validation(
        scenario(), several, capacities={"deferred": 200.0}, version="PostgreSQL 1", kind="postgresql", seed=1,
    )  # fmt: skip


def _outcome(strategy: str, replication: int, values: Mapping[str, float]) -> Outcome:
    return Outcome(
        strategy=strategy, replication=replication, values=Values(dict(values), {}), outcome="ok",
        saturated_from_us=None, unfinished=0, stall=(), virtual_us=10**7, tables=None,
    )  # fmt: skip
