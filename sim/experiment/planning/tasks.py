"""The work of a plan, one task a time: a search in one replication, or one load after the other in one replication.

`sim.experiment.pool.run_tasks` calls the functions at the end, in a worker process; the same task gives the same result
wherever it runs. Runs that were done before come from the cache.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sim.experiment.jobs import Job, Outcome, Report, perform, simulate
from sim.experiment.planning.question import Question
from sim.experiment.planning.search import Range, Root, search
from sim.metrics.registry import lookup
from sim.scenario import Objective, load_of, scaled

FAILING = ("saturated", "stalled")  # no objective is met by such a run, whatever it is about


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One run: a replication at a load, the objectives that it missed, and what was measured."""

    load: float
    replication: int
    missed: tuple[str, ...]  # the objectives, or how the run ended
    ending: str
    operations: int
    values: dict[str, float | None]

    @property
    def met(self) -> bool:
        """Whether it met all objectives."""
        return not self.missed


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchTask:
    """A search in one replication. `probes` and `upwards` are what `search` takes."""

    question: Question
    replication: int
    within: Range
    probes: tuple[float, ...] = ()
    upwards: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """What a search found, and every run that it took, in the order of the loads."""

    replication: int
    root: Root
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadsTask:
    """One replication at several loads, upwards, until `may_miss` of them have missed or one run has no latency.

    Far above what a system carries a run takes long and tells nothing: every latency is its length.
    """

    question: Question
    replication: int
    loads: tuple[float, ...]
    may_miss: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldsTask:
    """One load in several replications, until more than `may_miss` of them have missed."""

    question: Question
    load: float
    replications: range
    may_miss: int


@dataclass(slots=True)
class _Progress:
    """Adds up the virtual time and the operations of all runs of a task."""

    report: Report
    virtual_us: int = 0
    operations: int = 0

    def __call__(self, virtual_us: int, operations: int) -> None:
        self.report(self.virtual_us + virtual_us, self.operations + operations)

    def add(self, outcome: Outcome) -> None:
        """A run is done."""
        self.virtual_us += outcome.virtual_us
        self.operations += outcome.operations
        self(0, 0)


@dataclass(slots=True)
class _Runs:
    """The runs of one question and replication, by load."""

    question: Question
    replication: int
    progress: _Progress
    points: dict[float, Point] = field(default_factory=dict)

    def meets(self, load: float) -> bool:
        """Whether a load meets the objectives."""
        return self.at(load).met

    def at(self, load: float) -> Point:
        """The run at a load."""
        if load not in self.points:
            self.points[load] = point_at(self.question, load, self.replication, self.progress)
        return self.points[load]

    def in_order(self) -> tuple[Point, ...]:
        """All runs, by load."""
        return tuple(self.points[load] for load in sorted(self.points))


def find_root(task: SearchTask, report: Report) -> Searched:
    """Searches in one replication."""
    runs = _Runs(task.question, task.replication, _Progress(report))
    root = search(runs.meets, task.within, probes=task.probes, upwards=task.upwards)
    return Searched(replication=task.replication, root=root, points=runs.in_order())


def run_loads(task: LoadsTask, report: Report) -> tuple[Point, ...]:
    """Runs the loads of a task, as far as they tell something."""
    runs = _Runs(task.question, task.replication, _Progress(report))
    for load in sorted(task.loads):
        if runs.at(load).ending != "ok" or sum(not point.met for point in runs.points.values()) >= task.may_miss:
            break
    return runs.in_order()


def try_load(task: HoldsTask, report: Report) -> tuple[Point, ...]:
    """Runs replications at one load, fewer than all when it is clear that too many miss."""
    progress, points = _Progress(report), list[Point]()
    for replication in task.replications:
        points.append(point_at(task.question, task.load, replication, progress))
        if sum(not point.met for point in points) > task.may_miss:
            break
    return tuple(points)


def point_at(question: Question, load: float, replication: int, progress: Callable[[int, int], None]) -> Point:
    """One run, from the cache where it was done before. Raises ReplicationFailed."""
    outcome = question.cache.run(job_at(question, load, replication), lambda job: perform(job, simulate, progress))
    if isinstance(progress, _Progress):
        progress.add(outcome)
    return Point(
        load=load, replication=replication, missed=tuple(_missed(question.objectives, outcome)),
        ending=outcome.outcome, operations=outcome.operations,
        values={name: _value(outcome, name) for name in question.watched},
    )  # fmt: skip


def job_at(question: Question, load: float, replication: int, **options: Any) -> Job:
    """The job that runs a replication at a load; the scenario itself where that is its own load."""
    scenario = question.scenario
    if load != load_of(scenario, question.path):
        scenario = scaled(scenario, question.path, load)
    return Job(
        scenario=scenario, strategy=question.strategy, label=question.strategy, seed=question.seed,
        replication=replication, draw=replication, **options,
    )  # fmt: skip


def _value(outcome: Outcome, metric: str) -> float | None:
    """A count that was never seen is 0."""
    absent = 0.0 if lookup(metric).family.is_count else None
    return outcome.values.values.get(metric, absent)


def _missed(objectives: tuple[Objective, ...], outcome: Outcome) -> Iterator[str]:
    if outcome.outcome in FAILING:
        yield outcome.outcome
        return
    for objective in objectives:
        if not is_met(objective, outcome):
            yield objective.text


def is_met(objective: Objective, outcome: Outcome) -> bool:
    """Whether one run kept an objective.

    Where nothing was observed nothing exceeded an upper limit. What is unknown (counts of a run that did not come to
    rest) is not met.
    """
    value = _value(outcome, objective.metric)
    if value is None:
        reason = outcome.values.reasons.get(objective.metric, "no observations")
        return objective.is_upper_limit and reason == "no observations"
    return objective.holds(value)
