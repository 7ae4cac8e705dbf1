"""The inverse question: the smallest configuration that carries a rate with headroom, and what one process less does.

Called by sim.experiment.planning.planner. Configurations are ordered by size: the product of all varied numbers, in the
given order where that is the same (or where something that is no number is varied). A configuration carries a load when
at least 95 % of the replications meet the objectives at it; it is given up as soon as more than that have missed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from sim.experiment.planning.answer import SHARE
from sim.experiment.planning.question import Question
from sim.experiment.planning.searching import Crew
from sim.experiment.planning.tasks import HoldsTask, Point, try_load
from sim.metrics.statistics import rounded
from sim.scenario import as_text, is_whole, with_overrides
from sim.scenario.experiments import Point as GridPoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One configuration at one load."""

    settings: dict[str, Any]
    load: float
    points: tuple[Point, ...]
    replications: int

    @property
    def met(self) -> int:
        """In how many replications the objectives were met, of those that were run."""
        return sum(point.met for point in self.points)

    @property
    def holds(self) -> bool:
        """Whether it carries the load."""
        return self.met >= SHARE * self.replications - 1e-9

    @property
    def missed(self) -> tuple[str, ...]:
        """The objectives that were missed, or how runs ended."""
        return tuple(dict.fromkeys(text for point in self.points for text in point.missed))

    def data(self) -> dict[str, Any]:
        """As it stands in JSON."""
        return {
            "settings": self.settings, "load": rounded(self.load), "met": self.met, "run": len(self.points),
            "replications": self.replications, "holds": self.holds, "missed": list(self.missed),
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizing:
    """The answer for one strategy. `chosen` is None when no configuration carries the load.

    `lost` has the same configuration with one API process less, at the rate alone and with the headroom on top; it is
    empty where there is only one process.
    """

    question: Question
    rate: float
    headroom: float
    tried: tuple[Tried, ...]
    chosen: Tried | None
    lost: tuple[Tried, ...]

    def data(self) -> dict[str, Any]:
        """As it stands in JSON."""
        return {
            "strategy": self.question.strategy, "rate": self.rate, "headroom": self.headroom,
            "chosen": None if self.chosen is None else self.chosen.data(),
            "tried": [each.data() for each in self.tried],
            "with_one_process_lost": [each.data() for each in self.lost],
        }  # fmt: skip


def smallest(
    question: Question, points: Sequence[GridPoint], crew: Crew, *, rate: float, headroom: float, replications: int
) -> Sizing:
    """The smallest configuration that carries the rate with its headroom; without points, whether the scenario does."""
    load = _load(question, rate * (1 + headroom))
    ordered = sorted(points, key=lambda point: size_of(point.settings))
    sizes = [(point.settings, question.on(point.scenario, label="size")) for point in ordered] or [({}, question)]
    tried = _try(sizes, load, replications, crew)
    chosen = next((each for each in tried if each.holds), None)
    shown = tried if chosen is None else tried[: tried.index(chosen) + 1]
    lost = () if chosen is None else _one_lost(sizes[tried.index(chosen)], (rate, load), replications, crew)
    return Sizing(question=question, rate=rate, headroom=headroom, tried=tuple(shown), chosen=chosen, lost=lost)


def size_of(settings: dict[str, Any]) -> float:
    """The product of all numbers among the settings."""
    numbers = [value for value in settings.values() if isinstance(value, (int, float)) and not isinstance(value, bool)]
    return float(prod(numbers))


def _load(question: Question, load: float) -> float:
    return float(round(load)) if is_whole(question.path) else float(f"{load:.6g}")


def _try(sizes: Sequence[tuple[dict[str, Any], Question]], load: float, replications: int, crew: Crew) -> list[Tried]:
    tasks = [_task(question, load, replications) for _, question in sizes]
    results = crew.run(f"sizes for {load:g}", try_load, tasks)
    return [
        Tried(settings=settings, load=load, points=points, replications=replications)
        for (settings, _), points in zip(sizes, results, strict=True)
    ]


def _task(question: Question, load: float, replications: int) -> HoldsTask:
    may_miss = int((1 - SHARE) * replications + 1e-9)
    return HoldsTask(question=question, load=load, replications=range(replications), may_miss=may_miss)


def _one_lost(
    size: tuple[dict[str, Any], Question], loads: Sequence[float], replications: int, crew: Crew
) -> tuple[Tried, ...]:
    """One process less from the start: what is left once the crash itself is over. Its core stays."""
    settings, question = size
    left = question.scenario.api.processes - 1
    if not left:
        return ()
    scenario = with_overrides(question.scenario, [as_text("api.processes", left)])
    less = question.on(scenario, label="one process lost")
    with_one_less = {**settings, "api.processes": left}
    return tuple(
        tried for load in loads for tried in _try([(with_one_less, less)], _load(question, load), replications, crew)
    )
