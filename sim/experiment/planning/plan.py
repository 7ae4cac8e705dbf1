"""Plan: what a plan found, as one object: its sentence, frames, summary, and what it looks like in a notebook.

Made by sim.experiment.planning.planner; sim.report.planning prints it, sim.report.figures draws what is saved of it.
docs/planning.md describes the summary.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from statistics import fmean
from typing import TYPE_CHECKING, Any

from sim.experiment.intervals import LEAST_REPLICATIONS
from sim.experiment.planning.analytic import Bounds, ErlangC, bounds, erlang_c, think_s
from sim.experiment.planning.answer import Answer
from sim.experiment.planning.busy import Use
from sim.experiment.planning.inverse import Sizing
from sim.experiment.planning.limiting import Effect, interval_data
from sim.experiment.planning.question import Question, main_latency
from sim.experiment.planning.scalability import Scalability, fit
from sim.experiment.planning.search import TOLERANCE
from sim.experiment.planning.sentences import inverse_sentence, strategy_sentence
from sim.experiment.planning.tasks import Point
from sim.metrics.statistics import rounded
from sim.scenario import Objective, Scenario, load_of, unit_of

if TYPE_CHECKING:
    import pandas as pd

_WAITS = ("queue", "lock_wait", "pool_wait", "backoff", "lease_wait")  # parts of a latency that are waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanUse:
    """One resource, averaged over replications, at the load that was found and at a light one."""

    resource: str
    places: int
    share: float
    queued: float | None
    demand_s: float
    recorded: bool

    def data(self) -> dict[str, Any]:
        """As it stands in JSON."""
        return {
            "resource": self.resource, "places": self.places, "share": rounded(self.share),
            "queued": None if self.queued is None else rounded(self.queued), "demand_s": rounded(self.demand_s),
            "from": "level" if self.recorded else "tables",
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """One system under one strategy: the load that it carries and, for the scenario itself, all about it.

    `uses` and `light` have one tuple a replication: how busy everything was at the load that it carries, and at a
    light one.
    """

    question: Question
    answer: Answer
    settings: dict[str, Any] = field(default_factory=dict)
    curve: tuple[Point, ...] = ()
    effects: tuple[Effect, ...] = ()
    uses: tuple[tuple[Use, ...], ...] = ()
    light: tuple[tuple[Use, ...], ...] = ()

    @property
    def strategy(self) -> str:
        """Its name."""
        return self.question.strategy

    @property
    def lacks_operations(self) -> bool:
        """Whether an objective demands more operations without any such event than were run at the load."""
        return any((each.operations or 0) > self.answer.operations for each in self.question.objectives)

    @property
    def limiting(self) -> Effect | None:
        """The relief that raises the load most; None when none does for certain."""
        best = next((each for each in self.effects if each.change is not None), None)
        return best if best is not None and best.helps else None

    @cached_property
    def points(self) -> tuple[Point, ...]:
        """Every run of the searches and the curve, by load and replication, each once."""
        found = {(each.load, each.replication): each for one in self.answer.searched for each in one.points}
        found.update({(each.load, each.replication): each for each in self.curve})
        return tuple(found[key] for key in sorted(found))

    @cached_property
    def mean_uses(self) -> tuple[MeanUse, ...]:
        """How busy every resource is at the load, the busiest first, with the demands at the light load."""
        demands = {name: fmean(use.demand_s for use in uses) for name, uses in _by_resource(self.light).items()}
        found = [_mean_use(name, uses, demands) for name, uses in _by_resource(self.uses).items()]
        return tuple(sorted(found, key=lambda use: -use.share))

    @property
    def bounds(self) -> Bounds | None:
        """The asymptotic bounds; None where nothing was measured at a light load."""
        light = [use for uses in self.light for use in uses]
        means = [
            Use(resource=name, places=uses[0].places, busy=0.0, queued=None, recorded=False,
                demand_s=fmean(use.demand_s for use in uses))
            for name, uses in _by_resource([light]).items()
        ]  # fmt: skip
        return bounds(means, empty_s=self._empty_s, think_s=think_s(self.question.scenario))

    @property
    def _empty_s(self) -> float:
        """The latency at the lowest common load without its waits, s."""
        latencies = [_without_waits(point) for point in self.curve if point.load == min(p.load for p in self.curve)]
        present = [value for value in latencies if value is not None]
        return fmean(present) if present else 0.0

    @property
    def erlang(self) -> tuple[ErlangC, ...]:
        """Each controller as M/M/c at the load, or why it is none."""
        busy = {use.resource: use.share * use.places for use in self.mean_uses}
        scenario = self.question.scenario
        return tuple(
            erlang_c(scenario, each, busy=busy[f"controller {each.name}"])
            for each in scenario.controllers
            if busy.get(f"controller {each.name}")
        )

    @cached_property
    def scalability(self) -> Scalability:
        """The Universal Scalability Law over the clients, or over how many operations are in the system at once."""
        closed = self.question.path == "workload.clients"
        over = "clients" if closed else "operations in the system (throughput times mean latency)"
        pairs = [_size_and_throughput(point, closed=closed) for point in self.points]
        known = [(size, value) for size, value in pairs if size is not None and value is not None]
        return fit([size for size, _ in known], [value for _, value in known], over=over)

    def data(self) -> dict[str, Any]:
        """As it stands in JSON; without its runs."""
        found, limit = self.bounds, self.limiting
        return {
            "strategy": self.strategy, "settings": self.settings, **self.answer.data(),
            "limited_by": None if limit is None else limit.relief.resource,
            "reliefs": [each.data() for each in self.effects],
            "uses": [each.data() for each in self.mean_uses],
            "bounds": None if found is None else found.data(),
            "erlang_c": [each.data() for each in self.erlang],
            "scalability": self.scalability.data() if self.curve else None,
        }  # fmt: skip

    def size_data(self) -> dict[str, Any]:
        """One row of the sizing table."""
        found = self.answer.data()
        kept = ("ending", "mean", "low", "high", "met_in_95_percent", "replications", "found", "none", "all")
        return {**self.settings, "strategy": self.strategy, **{key: found[key] for key in kept}}


def _by_resource(runs: Sequence[Sequence[Use]]) -> dict[str, list[Use]]:
    found: dict[str, list[Use]] = {}
    for uses in runs:
        for use in uses:
            found.setdefault(use.resource, []).append(use)
    return found


def _mean_use(name: str, uses: Sequence[Use], demands: dict[str, float]) -> MeanUse:
    queued = [use.queued for use in uses if use.queued is not None]
    return MeanUse(
        resource=name, places=uses[0].places, share=fmean(use.share for use in uses),
        queued=fmean(queued) if queued else None, demand_s=demands.get(name, fmean(use.demand_s for use in uses)),
        recorded=uses[0].recorded,
    )  # fmt: skip


def _without_waits(point: Point) -> float | None:
    latency = point.values.get("latency_s.all.mean")
    waits = [point.values.get(f"latency_part_s.{part}.mean") or 0.0 for part in _WAITS]
    return None if latency is None else latency - sum(waits)


def _size_and_throughput(point: Point, *, closed: bool) -> tuple[float | None, float | None]:
    throughput, mean_s = point.values.get("throughput_per_s.all.mean"), point.values.get("latency_s.all.mean")
    if closed or throughput is None or mean_s is None:
        return (point.load if closed else None), throughput
    return throughput * mean_s, throughput


class Plan:
    """Everything that a plan found. Without `inverse` it is about the highest load, with it about a size for a rate."""

    def __init__(
        self, *, scenario: Scenario, path: str, seed: int, objectives: dict[str, tuple[Objective, ...]],
        parts: tuple[Configuration, ...] = (), sizes: tuple[Configuration, ...] = (),
        inverse: tuple[Sizing, ...] = (),
    ) -> None:  # fmt: skip
        self.scenario, self.path, self.seed = scenario, path, seed
        self.objectives, self.parts, self.sizes, self.inverse = objectives, parts, sizes, inverse

    @property
    def strategies(self) -> tuple[str, ...]:
        """In the order in which they were asked for."""
        return tuple(self.objectives)

    @property
    def unit(self) -> str:
        """What the load is counted in, in words."""
        return unit_of(self.path)

    @property
    def own_load(self) -> float:
        """The scenario's own load."""
        return load_of(self.scenario, self.path)

    @property
    def demanded(self) -> tuple[Objective, ...]:
        """All objectives, of whichever strategy."""
        return tuple(dict.fromkeys(each for objectives in self.objectives.values() for each in objectives))

    def part(self, strategy: str) -> Configuration:
        """What was found under a strategy; KeyError for one that was not asked for."""
        for each in self.parts:
            if each.strategy == strategy:
                return each
        raise KeyError(f"no plan for strategy {strategy}; there is one for {', '.join(self.strategies)}")

    @property
    def sentence(self) -> str:
        """The answer in one sentence."""
        told = [strategy_sentence(each, self.unit) for each in self.parts]
        told += [inverse_sentence(each, self.unit) for each in self.inverse]
        return "; ".join(told) + "."

    @property
    def is_conclusive(self) -> bool:
        """Whether it answers: some strategy carries a load, and none was unclear (few replications, not monotone)."""
        if self.inverse:
            return any(each.chosen is not None for each in self.inverse) and all(
                each.tried[0].replications >= LEAST_REPLICATIONS for each in self.inverse
            )
        unclear = any(each.answer.gaps or len(each.answer.roots) < LEAST_REPLICATIONS for each in self.parts)
        found = [each for each in self.parts if each.answer.is_conclusive]
        return not unclear and bool(found) and not any(each.lacks_operations for each in found)

    def summary(self) -> dict[str, Any]:
        """The contents of summary.json; docs/planning.md describes it."""
        return {
            "scenario": self.scenario.name, "question": self.scenario.question, "seed": self.seed,
            "scale": {"path": self.path, "unit": self.unit, "own_load": rounded(self.own_load),
                      "tolerance": TOLERANCE},
            "objectives": {name: [each.text for each in found] for name, found in self.objectives.items()},
            "latency": main_latency(self.scenario, self.demanded),
            "sentence": self.sentence, "conclusive": self.is_conclusive,
            "strategies": [each.data() for each in self.parts],
            "sizing": [each.size_data() for each in self.sizes],
            "sizing_scalability": [each.data() for each in self.sizing_scalability()],
            "inverse": [each.data() for each in self.inverse],
            "points": [row for each in self.parts for row in _point_rows(each)],
        }  # fmt: skip

    def sizing_scalability(self) -> Iterator[Scalability]:
        """The law over the one number that was varied, for each strategy; none where several were, or words."""
        paths = {path for each in self.sizes for path in each.settings}
        if len(paths) != 1:
            return
        path = paths.pop()
        for strategy in self.strategies:
            mine = [each for each in self.sizes if each.strategy == strategy and each.answer.interval is not None]
            sizes = [each.settings[path] for each in mine]
            if all(isinstance(size, (int, float)) for size in sizes):
                loads = [each.answer.interval.mean for each in mine if each.answer.interval is not None]
                yield fit(sizes, loads, over=f"{path} under {strategy}")

    def rows(self) -> list[dict[str, Any]]:
        """The contents of summary.csv: the load of every configuration, or every configuration that was tried."""
        if self.inverse:
            return [_tried_row(each, tried, self._varied()) for each in self.inverse for tried in each.tried]
        varied = self._varied()
        return [
            {**{path: each.settings.get(path, "") for path in varied}, **_without(each.size_data(), each.settings)}
            for each in (*self.parts, *self.sizes)
        ]

    def _varied(self) -> list[str]:
        settings = [each.settings for each in self.sizes]
        settings += [tried.settings for each in self.inverse for tried in each.tried]
        return list(dict.fromkeys(path for each in settings for path in each))

    def frame(self) -> "pd.DataFrame":
        """The load of every configuration: what summary.csv holds."""
        import pandas as pd

        return pd.DataFrame(self.rows())

    def points(self) -> "pd.DataFrame":
        """Every run of the scenario itself: strategy, load, replication, whether it met, and what was measured."""
        import pandas as pd

        return pd.DataFrame([row for each in self.parts for row in _point_rows(each)])

    def probability(self) -> "pd.DataFrame":
        """The probability of meeting the objectives over load, with its exact 95 % limits, by strategy."""
        import pandas as pd

        rows = [{"strategy": each.strategy, **one.data()} for each in self.parts for one in each.answer.probabilities()]
        return pd.DataFrame(rows)

    def reliefs(self) -> "pd.DataFrame":
        """What every relief does to the load, by strategy, the most helpful first."""
        import pandas as pd

        rows = [
            {"strategy": part.strategy, "relief": each.relief.name, "resource": each.relief.resource,
             "percent": each.percent, **_flat("change", each), "reason": each.reason}
            for part in self.parts for each in part.effects
        ]  # fmt: skip
        return pd.DataFrame(rows)

    def __repr__(self) -> str:
        return f"<Plan of {self.scenario.name}: {self.sentence}>"

    def _repr_html_(self) -> str:
        head = f"<p><b>{escape(self.scenario.name)}</b>: {escape(self.sentence)}</p>"
        reliefs = self.reliefs()
        tables = [self.frame(), *([] if reliefs.empty else [reliefs])]
        return head + "".join(table.to_html(index=False, float_format=lambda value: f"{value:.4g}") for table in tables)


def _flat(name: str, effect: Effect) -> dict[str, Any]:
    found = interval_data(effect.change) or {"mean": None, "low": None, "high": None}
    return {name: found["mean"], "low": found["low"], "high": found["high"]}


def _point_rows(part: Configuration) -> Iterator[dict[str, Any]]:
    for each in part.points:
        yield {
            "strategy": part.strategy, "load": rounded(each.load), "replication": each.replication, "met": each.met,
            "missed": list(each.missed), "ending": each.ending, **each.values,
        }  # fmt: skip


def _tried_row(sizing: Sizing, tried: Any, varied: Sequence[str]) -> dict[str, Any]:
    return {
        **{path: tried.settings.get(path, "") for path in varied}, "strategy": sizing.question.strategy,
        "load": rounded(tried.load), "met": tried.met, "run": len(tried.points), "holds": tried.holds,
    }  # fmt: skip


def _without(row: dict[str, Any], settings: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in settings}
