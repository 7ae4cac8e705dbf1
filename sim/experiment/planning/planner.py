"""plan: the highest load that meets objectives, what limits it, and what other sizes carry.

The command line and notebooks call it. It runs searches, keeps the result if asked to, and prints nothing.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.experiment.cache import OutcomeCache
from sim.experiment.comparing import check_metrics, check_warm_up, choose_strategies
from sim.experiment.planning.answer import Answer
from sim.experiment.planning.busy import BusyTask, Use, measure_busy
from sim.experiment.planning.inverse import Sizing, smallest
from sim.experiment.planning.limiting import effects
from sim.experiment.planning.plan import Configuration, Plan
from sim.experiment.planning.question import Question, objectives_of, range_of, scaled_path
from sim.experiment.planning.searching import ABOVE, BELOW, Crew, Stage, carried, shares_of, silent
from sim.experiment.planning.tasks import LoadsTask, Point, run_loads
from sim.experiment.settings import REPLICATIONS
from sim.results import ResultWriter, RunIdentity
from sim.scenario import Scenario, load_scenario, resolved, scenario_hash
from sim.scenario.experiments import Axis, grid

HEADROOM = 0.3  # share of the rate, for the inverse question
CURVE_REPLICATIONS = 5  # of the loads above what was found, and of how busy resources are
_LIGHT = BELOW[0]  # share of the load that was found at which next to nothing waits


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSettings:
    """How to plan. `rate` asks the inverse question: which configuration carries it, with `headroom` on top."""

    slo: tuple[str, ...] = ()  # objectives; none: the scenario's thresholds
    scale: str | None = None  # None: what is usual for the scenario's arrivals
    strategies: Sequence[str] | None = None
    vary: tuple[Axis, ...] = ()
    rate: float | None = None
    headroom: float = HEADROOM
    replications: int = REPLICATIONS
    precision: float | None = None
    seed: int = 1
    workers: int | None = None
    scheduler: str | None = None
    cache: OutcomeCache = field(default_factory=OutcomeCache.usual)
    output: Path | None = None  # None: nothing is kept
    force: bool = False
    command: str = ""
    origin: tuple[str, ...] = ()
    stage: Stage = silent

    def __post_init__(self) -> None:
        """ValueError for a number that means nothing."""
        if self.replications < 1 or self.seed < 0:
            raise ValueError(f"replications is {self.replications} and seed {self.seed}; at least 1 and 0")
        if self.rate is not None and self.rate <= 0:
            raise ValueError(f"rate is {self.rate:g}; it must be above 0")
        if not 0 <= self.headroom <= 10:
            raise ValueError(f"headroom is {self.headroom:g}; it must be 0 to 10, such as 0.3 for 30 %")
        if self.precision is not None and not 0 < self.precision < 1:
            raise ValueError(f"precision is {self.precision:g}; it must be above 0 and below 1, such as 0.05")


def plan(scenario: Scenario | str, settings: PlanSettings | None = None, **changes: Any) -> Plan:
    """The plan for a scenario (an object, a file or a bare name). `changes` are fields of PlanSettings.

    Raises ScenarioError, ResultError, ReplicationFailed, or ValueError for a number that means nothing.
    """
    how = settings or PlanSettings(**changes)
    asked = prepared(load_scenario(scenario) if isinstance(scenario, str) else scenario, how)
    if how.output is None:
        return asked.run()
    with ResultWriter(how.output, asked.identity, force=how.force) as writer:
        found = asked.run()
        writer.finish(
            summary=found.summary(), rows=found.rows(), scenario=resolved(asked.scenario), command=how.command,
            origin=how.origin or (asked.scenario.source or asked.scenario.name,),
        )  # fmt: skip
    return found


def prepared(scenario: Scenario, how: PlanSettings) -> "Planner":
    """Everything that can be refused is, before anything runs. Raises ScenarioError."""
    chosen, names = choose_strategies(scenario, how.strategies)
    check_metrics(chosen)
    check_warm_up(chosen)
    return Planner(chosen, names, how)


class Planner:
    """One plan that is going to be made."""

    def __init__(self, scenario: Scenario, strategies: tuple[str, ...], how: PlanSettings) -> None:
        self.scenario = scenario
        self._how = how
        self._crew = Crew(workers=how.workers, scheduler=how.scheduler, stage=how.stage)
        self._path = scaled_path(scenario, how.scale)
        self._points = grid(scenario, how.vary) if how.vary else ()
        self._questions = [
            Question(
                scenario=scenario, strategy=name, path=self._path, objectives=objectives_of(scenario, name, how.slo),
                seed=how.seed, cache=how.cache,
            )
            for name in dict.fromkeys(strategies)
        ]  # fmt: skip

    @property
    def identity(self) -> RunIdentity:
        """What names the result."""
        return RunIdentity(
            scenario=self.scenario.name, scenario_hash=self._hash(), verb="plan", seed=self._how.seed,
            replications=self._how.replications, strategies=tuple(each.strategy for each in self._questions),
        )  # fmt: skip

    def _hash(self) -> str:
        """8 hexadecimal digits of all that is asked: the scenario, objectives, scale, sizes, rate, precision."""
        how = self._how
        asked = {
            "scenario": scenario_hash(self.scenario), "scale": self._path, "precision": how.precision,
            "objectives": [[each.text for each in question.objectives] for question in self._questions],
            "vary": [axis.data() for axis in how.vary],
            "rate": None if how.rate is None else [how.rate, how.headroom],
        }  # fmt: skip
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:8]

    def run(self) -> Plan:
        """Makes it."""
        return self._forward() if self._how.rate is None else self._inverse(self._how.rate)

    def _forward(self) -> Plan:
        answers = self._carried(self._questions, "searches")
        curves = self._curves(answers)
        busy, light = self._busy(answers, 1.0), self._busy(answers, _LIGHT)
        found = effects(self._questions, answers, busy, self._crew)
        parts = [
            Configuration(
                question=question, answer=answers[place], curve=curves[place], effects=found[place],
                uses=busy[place], light=light[place],
            )
            for place, question in enumerate(self._questions)
        ]  # fmt: skip
        return self._plan(parts=tuple(parts), sizes=tuple(self._sizes()))

    def _inverse(self, rate: float) -> Plan:
        how = self._how
        sizings = [
            smallest(question, self._points, self._crew, rate=rate, headroom=how.headroom,
                     replications=how.replications)
            for question in self._questions
        ]  # fmt: skip
        return self._plan(inverse=tuple(sizings))

    def _plan(
        self, *, parts: tuple[Configuration, ...] = (), sizes: tuple[Configuration, ...] = (),
        inverse: tuple[Sizing, ...] = (),
    ) -> Plan:  # fmt: skip
        return Plan(
            scenario=self.scenario, path=self._path, seed=self._how.seed, parts=parts, sizes=sizes, inverse=inverse,
            objectives={each.strategy: each.objectives for each in self._questions},
        )  # fmt: skip

    def _carried(self, questions: Sequence[Question], title: str) -> list[Answer]:
        how = self._how
        return carried(questions, self._crew, replications=how.replications, precision=how.precision, title=title)

    def _curves(self, answers: Sequence[Answer]) -> list[tuple[Point, ...]]:
        """Common loads for all strategies: shares of the largest load that any of them carries."""
        top = max((answer.interval.mean for answer in answers if answer.interval is not None), default=0.0)
        tasks = [
            LoadsTask(question=question, replication=each.replication, loads=tuple(_curve_loads(question, top)))
            for question, answer in zip(self._questions, answers, strict=True)
            for each in answer.searched[:CURVE_REPLICATIONS]
            if top
        ]
        results = self._crew.run("latency over load", run_loads, tasks)
        return [
            tuple(point for task, points in zip(tasks, results, strict=True) if task.question is question
                  for point in points)
            for question in self._questions
        ]  # fmt: skip

    def _busy(self, answers: Sequence[Answer], share: float) -> list[tuple[tuple[Use, ...], ...]]:
        """How busy everything was at a share of the load that each replication carries."""
        tasks = [
            [BusyTask(question=question, replication=each.replication, load=load)
             for each in answer.searched[:CURVE_REPLICATIONS] if answer.interval is not None
             for load in _share_of(each.root.met, question, share)]
            for question, answer in zip(self._questions, answers, strict=True)
        ]  # fmt: skip
        results = iter(self._crew.run("how busy", measure_busy, [task for each in tasks for task in each]))
        return [tuple(next(results) for _ in each) for each in tasks]

    def _sizes(self) -> Iterator[Configuration]:
        questions = [
            question.on(point.scenario, label=str(point.number))
            for point in self._points
            for question in self._questions
        ]
        settings = [point.settings for point in self._points for _ in self._questions]
        answers = self._carried(questions, "sizes") if questions else []
        for question, answer, values in zip(questions, answers, settings, strict=True):
            yield Configuration(question=question, answer=answer, settings=values)


def _curve_loads(question: Question, top: float) -> Iterator[float]:
    return shares_of(top, range_of(question), (*BELOW, *ABOVE))


def _share_of(met: float | None, question: Question, share: float) -> Iterator[float]:
    if met is not None:
        yield met if share == 1 else next(shares_of(met, range_of(question), (share,)), met)
