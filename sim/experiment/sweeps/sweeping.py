"""sweep: runs the strategies of a scenario at every point of what is varied, and gives back a Sweep.

The command line and `from sim import sweep` call it. It prints nothing. Everything is checked before anything runs.
"""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sim.experiment.comparing import check_metrics, check_warm_up, choose_strategies
from sim.experiment.comparison import Comparison
from sim.experiment.precision import Precision
from sim.experiment.sweeps.keeping import identity_of, keep_sweep
from sim.experiment.sweeps.result import Failure, Sweep, SweptOver, SweptPoint
from sim.experiment.sweeps.running import Ran, origin_of, run_command, run_points
from sim.experiment.sweeps.settings import REPLICATIONS, SweepSettings
from sim.results import ResultWriter
from sim.scenario import Problem, Scenario, ScenarioError, load_scenario
from sim.scenario.experiments import (
    Axis,
    Experiment,
    Point,
    axes_of,
    axis_of,
    grid,
    is_experiment,
    load_experiment,
    overrides_of,
)
from sim.scenario.experiments.varying import axis_from

Varied = Mapping[str, Any] | Sequence[Mapping[str, Any] | Axis | str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A sweep that can run: what is asked, and all its points, checked."""

    over: SweptOver
    points: tuple[Point, ...]


def sweep(
    scenario: Scenario | str, *, vary: Varied | None = None, strategies: Sequence[str] | None = None,
    metric: str | None = None, settings: SweepSettings | None = None, **changes: Any,
) -> Sweep:  # fmt: skip
    """Compare strategies of a scenario (an object, a file or a bare name) at every point of what is varied.

    `vary` is a mapping of paths to values (a list, or a range such as '1..16..5'), which are crossed; or a list of such
    mappings, in each of which the paths take their values side by side. Without it `scenario` names an experiment file.
    `metric` is what tables show; default: the primary metric. `changes` are fields of `SweepSettings` (replications,
    precision, seed, workers and so on). Raises ScenarioError before anything runs, ResultError, ClusterError, or
    ValueError for a number that means nothing. A point that fails is in the result.
    """
    how = settings or SweepSettings(**changes)
    if vary is None:
        if not isinstance(scenario, str) or not is_experiment(scenario):
            raise ValueError("vary is missing: what to vary, such as {'api.processes': [1, 2, 4]}")
        experiment = load_experiment(scenario)
        how = told_by(experiment, how)
        return run_sweep(asked_by(experiment, how, strategies=strategies, metric=metric), how)
    loaded = load_scenario(scenario) if isinstance(scenario, str) else scenario
    return run_sweep(ask(loaded, _axes(vary), how, strategies=strategies, metric=metric), how)


def ask(
    scenario: Scenario, axes: Sequence[Axis], how: SweepSettings, *, strategies: Sequence[str] | None = None,
    metric: str | None = None,
) -> Asked:  # fmt: skip
    """Checks everything. Raises ScenarioError."""
    chosen, names = choose_strategies(scenario, strategies)
    check_metrics(chosen)
    check_metric(chosen, metric)
    if not axes:
        raise ScenarioError([Problem("--vary", (), "is missing; a sweep varies at least one path")])
    over = SweptOver(
        scenario=chosen, axes=tuple(axes), strategies=names, metric=metric or chosen.primary_metric, seed=how.seed,
        precision=None if how.precision is None else how.precision.of(chosen), shard=how.shard,
    )  # fmt: skip
    points = grid(chosen, axes)
    for point in points:
        check_warm_up(point.scenario)
    return Asked(over=over, points=tuple(each for each in points if how.shard is None or how.shard.holds(each.number)))


def check_metric(scenario: Scenario, metric: str | None) -> None:
    """Raises ScenarioError when the metric of the table does not exist in this scenario."""
    if metric is None:
        return
    try:
        check_metrics(scenario.model_copy(update={"primary_metric": metric}))
    except ScenarioError as error:
        raise ScenarioError([Problem("--metric", (), error.problems[0].sentence)]) from None


def asked_by(
    experiment: Experiment, how: SweepSettings, *, strategies: Sequence[str] | None = None, metric: str | None = None,
    overrides: Sequence[str] = (),
) -> Asked:  # fmt: skip
    """The same for an experiment file, which says what nobody else does. `overrides` come after its own."""
    if experiment.kind != "sweep":
        told = f"is {experiment.kind}; `bindsim {experiment.kind}` runs it"
        raise ScenarioError([Problem(experiment.place(("kind",)), ("kind",), told)])
    scenario = load_scenario(experiment.scenario, [*overrides_of(experiment), *overrides])
    names = strategies if strategies is not None else experiment.strategies
    return ask(scenario, axes_of(experiment), how, strategies=names, metric=metric or experiment.metric)


def told_by(experiment: Experiment, how: SweepSettings) -> SweepSettings:
    """The settings, with the experiment's numbers and scenario."""
    precision = None if experiment.precision is None else Precision(share=experiment.precision)
    return replace(
        how, seed=experiment.seed, replications=experiment.replications or REPLICATIONS, precision=precision,
        origin=(experiment.scenario, *(word for each in overrides_of(experiment) for word in ("--set", each))),
    )  # fmt: skip


def run_sweep(asked: Asked, how: SweepSettings) -> Sweep:
    """Runs all points, and keeps the result where `how.output` says so."""
    if how.output is None:
        return _swept(asked, how)
    with ResultWriter(how.output, identity_of(asked.over, how.replications), force=how.force) as writer:
        found = _swept(asked, how)
        keep_sweep(found, writer, command=how.command, origin=origin_of(asked.over.scenario, how))
    return found


def _swept(asked: Asked, how: SweepSettings) -> Sweep:
    ledger = run_points(asked.points, asked.over.strategies, how)
    points = tuple(_swept_point(point, ledger.ran[point.number], asked.over, how) for point in asked.points)
    return Sweep(over=asked.over, points=points, run=ledger.run, cached=ledger.cached)


def _swept_point(point: Point, ran: Ran, over: SweptOver, how: SweepSettings) -> SweptPoint:
    comparison = None if ran.failed else Comparison(point.scenario, ran.outcomes, seed=over.seed)
    return SweptPoint(
        number=point.number, settings=point.settings, scenario=point.scenario, comparison=comparison,
        failure=_failure(point, ran, over, how),
    )  # fmt: skip


def _failure(point: Point, ran: Ran, over: SweptOver, how: SweepSettings) -> Failure | None:
    if ran.failed is None:
        return None
    command = shlex.join(run_command(origin_of(over.scenario, how), point, ran.failed.job))
    return Failure(message=ran.failed.message, command=command, details=ran.failed.details)


def _axes(vary: Varied) -> list[Axis]:
    entries = [{path: values} for path, values in vary.items()] if isinstance(vary, Mapping) else vary
    return [each if isinstance(each, Axis) else axis_of(each) if isinstance(each, str) else axis_from(each)
            for each in entries]  # fmt: skip
