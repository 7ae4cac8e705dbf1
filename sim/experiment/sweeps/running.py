"""Runs the replications of all points in one pool, round by round, and takes from the cache what was run before.

Called by sweeps and by screening. A replication that fails makes its point fail, and stops nothing else.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from sim.experiment.executors import Report
from sim.experiment.jobs import Job, Outcome, ReplicationFailed, Runner, failure_of, jobs_for, perform
from sim.experiment.pool import Hooks, run_tasks
from sim.experiment.progress import Progress
from sim.experiment.samples import Samples
from sim.experiment.sweeps.settings import SweepProgress, SweepSettings
from sim.scenario import Scenario
from sim.scenario.experiments import Point
from sim.scenario.overrides import as_text
from sim.scenario.scaling import SCALING_PATHS


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A replication that ended with an error of the program, or whose worker ended again and again."""

    job: Job
    message: str
    details: str = ""


@dataclass(slots=True)
class Ran:
    """What the replications of one point gave: outcomes strategy by strategy, and the first failure."""

    outcomes: list[Outcome] = field(default_factory=list)
    failed: Failed | None = None

    def add(self, result: Outcome | Failed) -> None:
        """One more result, in the order of the jobs."""
        if isinstance(result, Outcome):
            self.outcomes.append(result)
        elif self.failed is None:
            self.failed = result

    @property
    def replications(self) -> int:
        """Of each strategy so far; a failure counts as none."""
        return len({outcome.replication for outcome in self.outcomes})


@dataclass(slots=True)
class Ledger:
    """All points, and how many replications were run and how many came from the cache."""

    ran: dict[int, Ran]
    run: int = 0
    cached: int = 0


def run_points(points: Sequence[Point], names: tuple[str, ...], how: SweepSettings) -> Ledger:
    """Every strategy at every point: `how.replications`, or as many as `how.precision` asks for."""
    ledger = Ledger({point.number: Ran() for point in points})
    wanted = {point.number: _first_round(how) for point in points}
    while wanted:
        _run_round(points, names, how, wanted, ledger)
        wanted = dict(_next_round(points, how, wanted, ledger))
    return ledger


def _first_round(how: SweepSettings) -> int:
    return how.replications if how.precision is None else how.precision.more(None)


def _next_round(
    points: Sequence[Point], how: SweepSettings, before: Mapping[int, int], ledger: Ledger
) -> Iterator[tuple[int, int]]:
    """The points that need replications more, and how many."""
    if how.precision is None:
        return
    for point in points:
        ran = ledger.ran[point.number]
        if point.number in before and ran.failed is None:
            more = how.precision.of(point.scenario).more(Samples(ran.outcomes))
            if more:
                yield point.number, more


@dataclass(frozen=True, slots=True)
class _Task:
    point: int
    job: Job


def _run_round(
    points: Sequence[Point], names: tuple[str, ...], how: SweepSettings, wanted: Mapping[int, int], ledger: Ledger
) -> None:
    """One round of replications: `wanted` of each point."""
    tasks = [task for point in points if point.number in wanted for task in _tasks(point, names, how, wanted, ledger)]
    known = {number: found for number, task in enumerate(tasks) if (found := how.cache.get(task.job)) is not None}
    to_run = [task for number, task in enumerate(tasks) if number not in known]
    ledger.cached += len(known)
    ledger.run += len(to_run)
    watch = _Watch(tasks, to_run, how, total=len(ledger.ran))
    results = run_tasks(
        partial(_attempt, how.runner), to_run, workers=how.workers, scheduler=how.scheduler,
        on_progress=watch.progress, hooks=Hooks(on_result=watch.result, lost=watch.lost),
    )  # fmt: skip
    for number, task in enumerate(tasks):
        ledger.ran[task.point].add(known.pop(number) if number in known else next(results))


def _tasks(
    point: Point, names: tuple[str, ...], how: SweepSettings, wanted: Mapping[int, int], ledger: Ledger
) -> list[_Task]:
    first = ledger.ran[point.number].replications
    jobs = jobs_for(point.scenario, names, seed=how.seed, replications=wanted[point.number], first=first)
    return [_Task(point.number, job) for job in jobs]


def _attempt(runner: Runner, task: _Task, report: Report) -> Outcome | Failed:
    try:
        return perform(task.job, runner, report)
    except ReplicationFailed as failed:
        return Failed(job=task.job, message=str(failed), details=failed.details)


class _Watch:
    """Keeps every outcome in the cache as soon as it is there, and counts points."""

    def __init__(self, tasks: Sequence[_Task], to_run: Sequence[_Task], how: SweepSettings, *, total: int) -> None:
        self._how = how
        self._left = Counter(task.point for task in to_run)
        self._points = total
        self._done = total - len(self._left)  # those of this round that are cached, and those that need no more
        self._failed: set[int] = set()
        self._cached = len(tasks) - len(to_run)

    def result(self, task: _Task, result: Outcome | Failed) -> None:
        """A replication has ended."""
        if isinstance(result, Outcome):
            self._how.cache.put(task.job, result)
        else:
            self._failed.add(task.point)
        self._left[task.point] -= 1
        self._done += not self._left[task.point]

    def lost(self, task: _Task, why: str) -> Failed:
        """A replication whose worker ended again and again."""
        failed = Failed(job=task.job, message=failure_of(task.job, why))
        self.result(task, failed)
        return failed

    def progress(self, reading: Progress) -> None:
        """Passes a reading on, with what is known of points."""
        if self._how.on_progress is None:
            return
        counts = {"points_done": self._done, "points": self._points, "failures": len(self._failed)}
        fields = {name: getattr(reading, name) for name in Progress.__dataclass_fields__}
        self._how.on_progress(SweepProgress(**fields, **counts, cached=self._cached))


def run_command(origin: Sequence[str], point: Point, job: Job) -> tuple[str, ...]:
    """The command that runs one replication of a point again. `origin` is the scenario as `bindsim run` is told it."""
    settings = [as_text(path, value) for path, value in point.settings.items()]
    if any(path in SCALING_PATHS for path in point.settings):
        varied = [word for each in settings for word in ("--vary", each)]
        asked = ("--strategies", job.strategy, "--seed", str(job.seed), "--replications", str(job.replication + 1))
        return ("bindsim", "sweep", *origin, *varied, *asked)
    changes = [word for each in settings for word in ("--set", each)]
    asked = ("--strategy", job.strategy, "--seed", str(job.seed), "--replication", str(job.draw))
    return ("bindsim", "run", *origin, *changes, *asked)


def origin_of(scenario: Scenario, how: SweepSettings) -> tuple[str, ...]:
    """The scenario as `bindsim run` is told it."""
    return how.origin or (scenario.source or scenario.name,)
