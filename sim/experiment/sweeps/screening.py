"""screen: ranks the assumptions of a scenario by their effect on a metric, under each strategy and on the difference.

The command line and notebooks call it. It prints nothing. Every point is checked before anything runs: a trajectory
with a combination that the scenario refuses is replaced by the next.
"""

import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.experiment.comparing import check_warm_up, choose_strategies
from sim.experiment.comparison import Comparison
from sim.experiment.sweeps.effects import Effect, Levels, drawn_trajectories, effects_on
from sim.experiment.sweeps.factors import Factor, LeftOut, factors_of
from sim.experiment.sweeps.result import Failure
from sim.experiment.sweeps.running import Ledger, origin_of, run_command, run_points
from sim.experiment.sweeps.settings import SweepSettings
from sim.experiment.sweeps.sweeping import check_metric
from sim.results import ResultWriter, RunIdentity, default_folder
from sim.scenario import Problem, Scenario, ScenarioError, load_scenario, resolved, scenario_hash
from sim.scenario.assumptions import Assumption, assumptions
from sim.scenario.experiments import Point, with_settings

if TYPE_CHECKING:
    import pandas as pd

TRAJECTORIES = 10  # Morris: 4 to 10 are usual
REPLICATIONS = 3  # of each strategy at each point; effects average over all points
FACTOR = 2.0  # from half to double
_DRAWN = 20  # trajectories that are drawn for each that is wanted; bounds the search for valid ones


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """What is screened: everything but how it is run. `levels` has the chosen trajectories, `points` what they visit.

    `refused`: trajectories that were drawn and hold a combination that the scenario refuses.
    """

    scenario: Scenario
    strategies: tuple[str, ...]
    metric: str
    seed: int
    factor: float
    factors: tuple[Factor, ...]
    left_out: tuple[LeftOut, ...]
    levels: Levels
    points: tuple[Point, ...]
    visits: tuple[tuple[int, ...], ...]  # of each trajectory: the numbers of its points
    refused: int

    @property
    def trajectories(self) -> int:
        """How many."""
        return len(self.visits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """The ranked effects on each output: the strategies, then the differences to the first."""

    over: Screened
    effects: dict[str, tuple[Effect, ...]]
    without_values: dict[str, int]  # of an output: the points that have no value
    failures: tuple[Failure, ...]
    replications: int
    run: int
    cached: int

    def summary_rows(self) -> list[dict[str, Any]]:
        """The rows of summary.csv: one an output and factor, the largest effect first."""
        return [
            _row(output, rank, effect)
            for output, effects in self.effects.items()
            for rank, effect in enumerate(effects, start=1)
        ]

    def frame(self) -> "pd.DataFrame":
        """The rows as a DataFrame. Effects are in the metric's unit."""
        import pandas as pd

        return pd.DataFrame(self.summary_rows())

    def summary(self) -> dict[str, Any]:
        """The contents of summary.json."""
        over = self.over
        return {
            "scenario": over.scenario.name, "question": over.scenario.question, "metric": over.metric,
            "seed": over.seed, "strategies": list(over.strategies), "factor": over.factor,
            "trajectories": over.trajectories, "replications": self.replications, "points": len(over.points),
            "refused_trajectories": over.refused, "points_without_value": self.without_values,
            "left_out": [{"path": each.path, "why": each.why} for each in over.left_out],
            "failures": [failure.data() for failure in self.failures],
            "effects": self.summary_rows(),
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return str(self.frame().to_html(index=False))


def screened(
    scenario: Scenario, marked: Iterable[Assumption], how: SweepSettings, *, count: int = TRAJECTORIES,
    strategies: Sequence[str] | None = None, metric: str | None = None, factor: float = FACTOR,
) -> Screened:  # fmt: skip
    """Chooses factors and points, and checks everything. Raises ScenarioError when there is nothing to screen."""
    chosen, names = choose_strategies(scenario, strategies)
    check_metric(chosen, metric or chosen.primary_metric)
    check_warm_up(chosen)
    factors, left_out = factors_of(chosen, marked, factor=factor)
    if not factors:
        told = "; ".join(f"{each.path}: {each.why}" for each in left_out) or "no line has the word in a comment"
        raise ScenarioError([Problem(scenario.source or scenario.name, (), f"has no assumption to vary ({told})")])
    levels = drawn_trajectories(count * _DRAWN, len(factors), seed=_seed(how.seed))
    plan = _Plan(chosen, factors)
    taken, refused = plan.take(levels, count)
    if len(taken) < count:
        told = f"refuses nearly all combinations of its assumptions: {plan.refusal}"
        raise ScenarioError([Problem(scenario.source or scenario.name, (), told)])
    return Screened(
        scenario=chosen, strategies=names, metric=metric or chosen.primary_metric, seed=how.seed, factor=factor,
        factors=factors, left_out=left_out, levels=levels[taken], points=tuple(plan.points.values()),
        visits=tuple(plan.visits), refused=refused,
    )  # fmt: skip


def screen(
    name_or_path: str, *, overrides: Sequence[str] = (), trajectories: int = TRAJECTORIES, factor: float = FACTOR,
    **changes: Any,
) -> Screening:  # fmt: skip
    """Screens a scenario file. `changes` are fields of `SweepSettings`; three replications without one.

    Raises what `screened` raises, and ScenarioError for a file that cannot be used.
    """
    how = SweepSettings(**{"replications": REPLICATIONS, "origin": _origin(name_or_path, overrides), **changes})
    scenario, marked = load_scenario(name_or_path, overrides), assumptions(name_or_path, overrides)
    return run_screening(screened(scenario, marked, how, count=trajectories, factor=factor), how)


def _origin(name: str, overrides: Sequence[str]) -> tuple[str, ...]:
    return (name, *(word for each in overrides for word in ("--set", each)))


class _Plan:
    """Collects the points of trajectories; the same combination is one point."""

    def __init__(self, scenario: Scenario, factors: tuple[Factor, ...]) -> None:
        self._scenario, self._factors = scenario, factors
        self.points: dict[tuple[float, ...], Point] = {}
        self.visits: list[tuple[int, ...]] = []
        self.refusal = ""

    def take(self, levels: Levels, count: int) -> tuple[list[int], int]:
        """The numbers of the first `count` trajectories that are valid, and how many before them are not."""
        taken = list[int]()
        for number, trajectory in enumerate(levels):
            if len(taken) == count:
                break
            found = self._points(trajectory)
            if found is not None:
                taken.append(number)
                self.points.update(found)
                self.visits.append(tuple(point.number for point in found.values()))
        return taken, (taken[-1] + 1 - len(taken) if taken else len(levels))

    def _points(self, trajectory: Levels) -> dict[tuple[float, ...], Point] | None:
        """The points of one trajectory, no two the same; None for one that the scenario refuses."""
        found, new = dict[tuple[float, ...], Point](), 0
        for levels in trajectory:
            values = tuple(factor.at(float(level)) for factor, level in zip(self._factors, levels, strict=True))
            point = self.points.get(values) or self._point(values, len(self.points) + new)
            if point is None:
                return None
            new += values not in self.points
            found[values] = point
        return found

    def _point(self, values: tuple[float, ...], number: int) -> Point | None:
        settings = {factor.path: value for factor, value in zip(self._factors, values, strict=True)}
        try:
            return Point(number=number, settings=settings, scenario=with_settings(self._scenario, settings))
        except ScenarioError as error:
            self.refusal = self.refusal or error.problems[0].sentence
            return None


def screen_identity(over: Screened, replications: int) -> RunIdentity:
    """What names the result."""
    experiment = {
        "metric": over.metric, "factor": over.factor, "trajectories": over.trajectories,
        "factors": [factor.path for factor in over.factors],
    }  # fmt: skip
    return RunIdentity(
        scenario=over.scenario.name, scenario_hash=scenario_hash(over.scenario), verb="screen", seed=over.seed,
        replications=replications, strategies=over.strategies, experiment=experiment,
    )  # fmt: skip


def screen_folder(over: Screened, replications: int) -> Path:
    """Where the result goes when nobody says where."""
    return default_folder(screen_identity(over, replications))


def run_screening(over: Screened, how: SweepSettings) -> Screening:
    """Runs all points, and keeps the result where `how.output` says so."""
    if how.output is None:
        return _screening(over, how)
    with ResultWriter(how.output, screen_identity(over, how.replications), force=how.force) as writer:
        found = _screening(over, how)
        writer.finish(
            summary=found.summary(), rows=found.summary_rows(), scenario=resolved(over.scenario), command=how.command,
            origin=origin_of(over.scenario, how),
        )  # fmt: skip
    return found


def _screening(over: Screened, how: SweepSettings) -> Screening:
    ledger = run_points(over.points, over.strategies, how)
    outputs = dict(_outputs(over, ledger))
    effects = {
        name: effects_on(over.factors, over.levels, _along(values, over.visits), seed=_seed(over.seed))
        for name, values in outputs.items()
    }
    return Screening(
        over=over, effects=effects, failures=tuple(_failures(over, ledger, how)), replications=how.replications,
        without_values={name: list(values.values()).count(None) for name, values in outputs.items()},
        run=ledger.run, cached=ledger.cached,
    )  # fmt: skip


def _outputs(over: Screened, ledger: Ledger) -> Iterator[tuple[str, dict[int, float | None]]]:
    """Of each strategy, and of each difference to the first: the value at every point."""
    first, *rivals = over.strategies
    for name in over.strategies:
        yield name, {number: _value(ledger, over, number, name) for number in ledger.ran}
    for rival in rivals:
        yield f"{rival} - {first}", {number: _difference(ledger, over, number, rival) for number in ledger.ran}


def _value(ledger: Ledger, over: Screened, number: int, strategy: str) -> float | None:
    compared = _compared(ledger, over, number)
    return None if compared is None else compared.samples.estimate(over.metric, strategy).mean


def _difference(ledger: Ledger, over: Screened, number: int, rival: str) -> float | None:
    compared = _compared(ledger, over, number)
    return None if compared is None else compared.samples.difference(over.metric, rival, over.strategies[0]).mean


def _compared(ledger: Ledger, over: Screened, number: int) -> Comparison | None:
    ran = ledger.ran[number]
    return None if ran.failed else Comparison(over.points[number].scenario, ran.outcomes, seed=over.seed)


def _along(values: dict[int, float | None], visits: Sequence[Sequence[int]]) -> list[list[float | None]]:
    return [[values[number] for number in trajectory] for trajectory in visits]


def _failures(over: Screened, ledger: Ledger, how: SweepSettings) -> Iterator[Failure]:
    for point in over.points:
        failed = ledger.ran[point.number].failed
        if failed is not None:
            command = shlex.join(run_command(origin_of(over.scenario, how), point, failed.job))
            yield Failure(message=failed.message, command=command, details=failed.details)


def _row(output: str, rank: int, effect: Effect) -> dict[str, Any]:
    factor = effect.factor
    return {
        "output": output, "rank": rank, "path": factor.path, "line": factor.assumption.line,
        "value": factor.assumption.value, "lowest": factor.values[0], "highest": factor.values[-1],
        "effects": effect.count, "mu_star": effect.mu_star, "mu_star_conf": effect.mu_star_conf, "mu": effect.mu,
        "sigma": effect.sigma,
    }  # fmt: skip


def _seed(seed: int) -> int:
    """SALib takes 32 bits."""
    return seed % 2**32
