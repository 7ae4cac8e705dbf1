"""What limits the load: a search with every relief, in the same replications, and the paired change.

Called by sim.experiment.planning.planner.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sim.experiment.intervals import Interval, t_interval
from sim.experiment.planning.answer import Answer
from sim.experiment.planning.question import Question
from sim.experiment.planning.reliefs import Relief, reliefs_of
from sim.experiment.planning.searching import Crew, near
from sim.experiment.planning.tasks import Point, Searched, SearchTask, find_root
from sim.metrics.statistics import rounded

REPLICATIONS = 5  # in which reliefs are tried, at most: the least that has an interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """A relief with the load that it gives and the paired change; without these, `reason` says why."""

    relief: Relief
    load: Interval | None = None
    change: Interval | None = None
    base: float = 0.0
    points: tuple[Point, ...] = ()
    reason: str = ""

    @property
    def percent(self) -> float | None:
        """The change in percent of the load without the relief, in the same replications."""
        return None if self.change is None or not self.base else 100 * self.change.mean / self.base

    @property
    def helps(self) -> bool:
        """Whether the load rises, as far as its interval tells."""
        return self.change is not None and self.change.low is not None and self.change.low > 0

    def data(self) -> dict[str, Any]:
        """As it stands in JSON."""
        percent = self.percent
        return {
            "relief": self.relief.name, "resource": self.relief.resource, "set": list(self.relief.overrides),
            "reason": self.reason, "load": interval_data(self.load), "change": interval_data(self.change),
            "change_percent": None if percent is None else rounded(percent), "helps": self.helps,
        }  # fmt: skip


def interval_data(found: Interval | None) -> dict[str, Any] | None:
    """An interval as it stands in JSON."""
    if found is None:
        return None
    return {"mean": found.mean, "low": found.low, "high": found.high, "replications": found.count}


def effects(questions: Sequence[Question], answers: Sequence[Answer], crew: Crew) -> list[tuple[Effect, ...]]:
    """For each question the effects of all reliefs: those that raise the load most first, those without room last.

    A question whose replications did not all find a load has none.
    """
    planned = [_planned(question, answer) for question, answer in zip(questions, answers, strict=True)]
    tasks = [task for of_question in planned for _, of_relief in of_question for task in of_relief]
    results = iter(crew.run("what limits it", find_root, tasks))
    return [
        tuple(sorted((_effect(relief, [next(results) for _ in tasks], answer) for relief, tasks in of_question),
                     key=_rank))
        for of_question, answer in zip(planned, answers, strict=True)
    ]  # fmt: skip


def _planned(question: Question, answer: Answer) -> list[tuple[Relief, list[SearchTask]]]:
    if answer.interval is None:
        return []
    return [(relief, list(_tasks(relief, question, answer))) for relief in reliefs_of(question.scenario)]


def _tasks(relief: Relief, question: Question, answer: Answer) -> Sequence[SearchTask]:
    if relief.reason:
        return ()
    eased = question.on(relief.applied(question.scenario), label=relief.name)
    return [
        SearchTask(question=eased, replication=each.replication, within=near(each.root, eased))
        for each in answer.searched[:REPLICATIONS]
    ]


def _effect(relief: Relief, searched: Sequence[Searched], answer: Answer) -> Effect:
    if not searched:
        return Effect(relief=relief, reason=relief.reason)
    before = [each.root.value or 0.0 for each in answer.searched[: len(searched)]]
    after = [each.root.value or 0.0 for each in searched]
    return Effect(
        relief=relief, load=t_interval(after), base=sum(before) / len(before),
        change=t_interval([one - other for one, other in zip(after, before, strict=True)]),
        points=tuple(point for each in searched for point in each.points),
    )  # fmt: skip


def _rank(effect: Effect) -> tuple[bool, float]:
    return (effect.change is None, 0.0 if effect.change is None else -effect.change.mean)
