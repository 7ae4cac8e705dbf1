"""One replication as a unit of work: what a worker process is given, and what it hands back.

Used by sim.experiment.pool. A job is a scenario, a strategy, a seed and the number of the replication: two
jobs that differ in the strategy alone see the same arrivals and the same keyed draws. It says nothing about
how it is run.
"""

import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sim.experiment.leftovers import LateCollections
from sim.experiment.spool import packed
from sim.history import History, check
from sim.history.summary import CheckedRun, summarized
from sim.metrics import RunFacts, Tables
from sim.metrics.measure import Values, measure
from sim.metrics.steady import Series, series_of, within
from sim.neutron_drivers import NeutronDriverError
from sim.scenario import Scenario

AGAIN = 1_000_000  # added to the draws of a strategy that is named again: more than a comparison has replications

_leftovers = LateCollections()  # of this process

Report = Callable[[int, int], None]  # called now and then with the virtual time in us and the operations so far


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One replication of one strategy.

    `label` is the strategy's name in the results; `draw` is the number that arrivals and draws are derived
    from. They differ from `strategy` and `replication` only where one strategy is compared with itself. With
    `verify` the run's history is checked where it ran, with `keep_history` it is handed back. With `keep_facts` what
    it takes to measure the run again is handed back too, for a warm-up that is not known yet.
    """

    scenario: Scenario
    strategy: str
    label: str
    seed: int
    replication: int
    draw: int
    keep_tables: bool = False
    keep_history: bool = False
    verify: bool = False
    keep_facts: bool = False

    @property
    def needs_history(self) -> bool:
        """Whether the run has to be recorded for the checker."""
        return self.keep_history or self.verify


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is left of a replication: its values, how it ended and, if asked for, tables, history and verdicts."""

    strategy: str
    replication: int
    values: Values
    outcome: str
    saturated_from_us: int | None
    unfinished: int
    stall: tuple[str, ...]
    virtual_us: int
    tables: Tables | None
    history: History | None = None
    checked: CheckedRun | None = None
    series: Series | None = None  # of a steady-state scenario: what the warm-up is found from
    facts: bytes | None = None  # see sim.experiment.spool

    @property
    def operations(self) -> int:
        """How many operations clients began."""
        return int(self.values.values.get("operations_count.all.total") or 0)

    def without_tables(self) -> "Outcome":
        """The same without its tables and all else that is large."""
        return replace(self, tables=None, history=None, series=None, facts=None)


Runner = Callable[[Job, Report], RunFacts]


class ReplicationFailed(Exception):
    """A replication ended with an error of the program. `details` is the traceback where it happened."""

    def __init__(self, message: str, details: str = "") -> None:
        super().__init__(message, details)
        self.details = details

    def __str__(self) -> str:
        return str(self.args[0])


def simulate(job: Job, report: Report) -> RunFacts:
    """The usual runner: the simulator in virtual time."""
    from sim.simulation import run

    return run(
        job.scenario, strategy=job.strategy, seed=job.seed, replication=job.draw, progress=report,
        history=job.needs_history,
    )  # fmt: skip


def perform(job: Job, runner: Runner, report: Report) -> Outcome:
    """Run one job and measure it. Raises ReplicationFailed for any error, with what reproduces it."""
    try:
        outcome = _outcome(job, runner(job, report))
    except NeutronDriverError as problem:
        raise NeutronDriverError(failure_of(job, str(problem))) from None
    except Exception as problem:
        message = failure_of(job, f"{type(problem).__name__}: {problem}")
        raise ReplicationFailed(message, traceback.format_exc()) from None
    _leftovers.after(outcome.operations)
    return outcome


def failure_of(job: Job, why: str) -> str:
    """The sentence that says which replication failed, and why."""
    return f"{job.scenario.name} (strategy {job.strategy}, seed {job.seed}, replication {job.draw}) failed: {why}"


def _outcome(job: Job, facts: RunFacts) -> Outcome:
    history = _history(facts) if job.needs_history else None
    return Outcome(
        strategy=job.label,
        replication=job.replication,
        values=measure(_measured(facts, job)),
        outcome=facts.outcome,
        saturated_from_us=facts.saturated_from_us,
        unfinished=facts.unfinished,
        stall=tuple(facts.stall),
        virtual_us=facts.virtual_us,
        tables=facts.tables if job.keep_tables else None,
        history=history if job.keep_history else None,
        checked=_checked(job, history) if job.verify and history is not None else None,
        series=series_of(facts, job.scenario.primary_metric) if job.scenario.horizon.kind == "steady_state" else None,
        facts=packed(facts) if job.keep_facts else None,
    )


def _measured(facts: RunFacts, job: Job) -> RunFacts:
    """What of a run is measured: all, or what began after the warm-up. One that is not known yet is cut later."""
    horizon = job.scenario.horizon
    if horizon.kind == "terminating" or (horizon.warm_up_s is None and job.keep_facts):
        return facts
    if horizon.warm_up_s is None:
        raise ValueError("horizon.warm_up_s is null: only run and compare find the warm-up; set its seconds here")
    return within(facts, round(horizon.warm_up_s * 1e6))


def _history(facts: RunFacts) -> History:
    from sim.running import Run

    if not isinstance(facts, Run) or facts.history is None:
        raise TypeError("the runner records no history; run without history and without verify")
    return facts.history


def _checked(job: Job, history: History) -> CheckedRun:
    return summarized(check(history), label=job.label, replication=job.replication)


def jobs_for(
    scenario: Scenario, strategies: tuple[str, ...], *, seed: int, replications: int, first: int = 0, **options: bool
) -> list[Job]:
    """Every replication of every strategy, strategy by strategy, beginning with number `first`.

    A strategy that is named again gets a label of its own and draws of its own, however many replications there are:
    paired with itself on the same draws it would differ by exactly nothing, which tells nothing about the noise.
    `options` are those of a Job: keep_tables, keep_history, verify.
    """
    return [
        _job(scenario, strategies, place, replication, seed=seed, **options)
        for place in range(len(strategies))
        for replication in range(first, first + replications)
    ]


def _job(scenario: Scenario, strategies: tuple[str, ...], place: int, replication: int, **rest: Any) -> Job:
    strategy = strategies[place]
    draw = replication + AGAIN * strategies[:place].count(strategy)
    label = labels(strategies)[place]
    return Job(scenario=scenario, strategy=strategy, label=label, replication=replication, draw=draw, **rest)


def labels(strategies: tuple[str, ...]) -> tuple[str, ...]:
    """What the strategies are called in results: their names, a repeated one with a number."""
    return tuple(_label(strategies, place) for place in range(len(strategies)))


def _label(strategies: tuple[str, ...], place: int) -> str:
    before = strategies[:place].count(strategies[place])
    return f"{strategies[place]}#{before + 1}" if before else strategies[place]
