"""What limits the load: a search with every relief, in the same replications, and the paired change.

Called by sim.experiment.planning.planner.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sim.experiment.intervals import Interval, t_interval
from sim.experiment.planning.answer import Answer
from sim.experiment.planning.busy import Use
from sim.experiment.planning.question import Question
from sim.experiment.planning.reliefs import Relief, reliefs_of
from sim.experiment.planning.searching import Crew, near
from sim.experiment.planning.tasks import Point, Searched, SearchTask, find_root
from sim.metrics.statistics import rounded

REPLICATIONS = 5  # in which reliefs are tried, at most: the least that has an interval
LEAST_USE = 1 / 3  # share of its places; what is used less is not tried: next to nothing waits for it (assumption)
_SPREAD_EVENLY = ("database cores", "commits", "connections", "controller")  # of the others one place may be overrun


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


def effects(
    questions: Sequence[Question], answers: Sequence[Answer], uses: Sequence[Sequence[Sequence[Use]]], crew: Crew
) -> list[tuple[Effect, ...]]:
    """For each question the effects of all reliefs: those that raise the load most first, those without room last.

    `uses` has for each question and replication how busy everything was at the load. A question whose replications did
    not all find a load has no effects.
    """
    planned = [
        _planned(question, answer, _shares(of_question))
        for question, answer, of_question in zip(questions, answers, uses, strict=True)
    ]
    tasks = [task for of_question in planned for _, of_relief in of_question for task in of_relief]
    results = iter(crew.run("what limits it", find_root, tasks))
    return [
        tuple(sorted((_effect(relief, [next(results) for _ in tasks], answer) for relief, tasks in of_question),
                     key=_rank))
        for of_question, answer in zip(planned, answers, strict=True)
    ]  # fmt: skip


def _shares(runs: Sequence[Sequence[Use]]) -> dict[str, float]:
    """The largest share of each resource in any replication."""
    return {use.resource: max(each.share for uses in runs for each in uses if each.resource == use.resource)
            for uses in runs for use in uses}  # fmt: skip


def _planned(question: Question, answer: Answer, shares: dict[str, float]) -> list[tuple[Relief, list[SearchTask]]]:
    if answer.interval is None:
        return []
    reliefs = (_worth_trying(relief, shares) for relief in reliefs_of(question.scenario))
    return [(relief, list(_tasks(relief, question, answer))) for relief in reliefs]


def _worth_trying(relief: Relief, shares: dict[str, float]) -> Relief:
    share = shares.get(relief.resource)
    if relief.reason or share is None or share >= LEAST_USE or not relief.resource.startswith(_SPREAD_EVENLY):
        return relief
    return replace(relief, overrides=(), reason=f"not tried: {100 * share:.0f} % in use at that load, nothing to ease")


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
