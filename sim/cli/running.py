"""The commands that run something: run and compare. sim.cli.app calls them; sim.experiment does the work.

They choose the output folder, show progress, print what comes back, and turn it into an exit status.
"""

import json
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from sim.cli.engines import Engine
from sim.cli.experimenting import as_the_file_says
from sim.cli.looking import WIDTH, checked
from sim.cli.mapping import kept_map
from sim.cli.objectives import (
    Demanded,
    asked_of,
    check_demanded,
    judged_by,
    objectives_status,
    print_objectives,
    write_junit,
)
from sim.cli.progress import shown_progress
from sim.cli.published import predictions, print_predictions
from sim.cli.replicating import Asked
from sim.cli.status import GOOD, UNKNOWN, Refused, Status, worst
from sim.cli.verifying import verification_status
from sim.experiment import (
    STANDARD_SCENARIOS,
    BreakEvenMap,
    Comparison,
    Settings,
    check_precision,
    choose_strategies,
    compare,
    identity_of,
    map_identity,
)
from sim.experiment.break_even import REPLICATIONS as MAP_REPLICATIONS
from sim.experiment.jobs import Runner
from sim.report.pooled import pooled_data, pooled_quantiles, print_pooled
from sim.report.terminal import print_comparison, print_map
from sim.report.verification import print_verification
from sim.results import RunIdentity, check_replaceable, default_folder, load_run
from sim.scenario import Scenario
from sim.scenario.experiments import is_experiment

Answer = tuple[dict[str, Any], Status]


@dataclass(frozen=True, kw_only=True)
class _Options:
    """What run and compare have in common."""

    seed: int
    output: Path | None
    force: bool
    json: bool
    asked: Asked = field(default_factory=Asked)
    demanded: Demanded = field(default_factory=Demanded)
    first_replication: int = 0
    workers: int | None = None
    history: bool = False
    verify: bool = False
    pooled: bool = False
    engine: Engine = field(default_factory=Engine)


@dataclass(frozen=True)
class Order(_Options):
    """What was asked for on the command line. `arguments` is all of it, for the manifest."""

    arguments: Sequence[str]
    overrides: Sequence[str]
    console: Console = field(default_factory=lambda: Console(width=WIDTH, highlight=False))

    @property
    def command(self) -> str:
        """As typed."""
        return shlex.join(["bindsim", *self.arguments])

    @property
    def replications(self) -> int:
        """Of each strategy, where no precision decides it."""
        return self.asked.count


def run_once(name: str, strategy: str | None, order: Order) -> Status:
    """`bindsim run`: one strategy, one replication or more. 3 when a run did not end well enough to be measured."""
    scenario = order.engine.applied(checked(name, order.overrides))
    chosen = strategy if strategy is not None else scenario.strategies[0].name
    plan = _plan(name, scenario, [chosen], order, verb="run")
    _check_demanded([plan], order)
    with order.engine.runner(scenario.database.isolation) as runner:
        comparison = _compare(plan, runner)
    outcomes = comparison.samples.outcomes(chosen)
    ended_well = comparison.is_settled and all(outcome.outcome == "ok" for outcome in outcomes)
    data, status = _present(comparison, order)
    write_junit(order.demanded, [comparison])
    if order.json:
        _print_json(data)
    return worst(status, GOOD if ended_well else UNKNOWN)


def compare_all(names: Sequence[str], strategies: Sequence[str] | None, order: Order) -> Status:
    """`bindsim compare`: the scenarios one by one; without one the standard comparison and its map.

    Nothing runs if one of the results could not be kept. A single name may be that of an experiment.
    """
    if len(names) == 1 and is_experiment(names[0]):
        scenario, strategies, order = as_the_file_says(names[0], strategies, order)
        names = [scenario]
    if not names and order.engine.is_wall:
        raise Refused("--engine wall: name the scenarios; the standard comparison has a map of hundreds of runs")
    asked = names or STANDARD_SCENARIOS
    scenarios = [order.engine.applied(checked(name, order.overrides)) for name in asked]
    plans = [
        _plan(name, scenario, strategies, order, verb="compare", several=len(asked) > 1)
        for name, scenario in zip(asked, scenarios, strict=True)
    ]
    _check_folders_differ(plans)
    _check_demanded(plans, order)
    mapped = None if names else _mapped(scenarios[0], strategies)
    map_folder = None if mapped is None else _map_folder(mapped, order)
    compared = list(_compare_each(plans, order))
    write_junit(order.demanded, [comparison for comparison, _ in compared])
    answers = [answer for _, answer in compared]
    found = None if mapped is None or map_folder is None else _map(mapped, map_folder, order)
    if order.json:
        _print_json(_together([data for data, _ in answers], found))
    return worst(*(status for _, status in answers))


@dataclass(frozen=True)
class _Plan:
    """One comparison that is going to run: of what, how, and where its result goes."""

    scenario: Scenario
    names: tuple[str, ...]
    how: Settings
    folder: Path

    @property
    def identity(self) -> RunIdentity:
        """What names the result."""
        return identity_of(self.scenario, self.names, self.how)


def _plan(
    name: str, scenario: Scenario, strategies: Sequence[str] | None, order: Order, *, verb: str, several: bool = False
) -> _Plan:
    """ScenarioError for an unknown strategy, ResultError when the result could not be kept."""
    place = "--strategy" if verb == "run" else "--strategies"
    scenario, names = choose_strategies(scenario, strategies, place=place)
    order.engine.check(scenario)
    how = replace(_settings(name, order, verb=verb), objectives=asked_of(scenario, order.demanded))
    if how.precision is not None:
        check_precision(how.precision, scenario)
    folder = default_folder(identity_of(scenario, names, how))
    if order.output is not None:
        folder = order.output / scenario.name if several else order.output
    check_replaceable(folder, identity_of(scenario, names, how), force=order.force)
    return _Plan(scenario, names, how, folder)


def _settings(name: str, order: Order, *, verb: str) -> Settings:
    """Everything but the folder and the progress bar."""
    changes = [word for each in order.overrides for word in ("--set", each)]
    return Settings(
        replications=order.replications, precision=order.asked.chosen_precision(), seed=order.seed,
        workers=order.workers, force=order.force, verb=verb,
        command=order.command, history=order.history, verify=order.verify, first_replication=order.first_replication,
        origin=(name, *changes, *order.engine.options), engine=order.engine.identity,
    )  # fmt: skip


def _check_folders_differ(plans: Sequence[_Plan]) -> None:
    """Two files of one name would be kept in one folder under --output."""
    taken: dict[Path, RunIdentity] = {}
    for plan in plans:
        if taken.setdefault(plan.folder, plan.identity) != plan.identity:
            raise Refused(f"two scenarios are called {plan.scenario.name}: both would be kept in {plan.folder}")


def _check_demanded(plans: Sequence[_Plan], order: Order) -> None:
    demands = any(plan.scenario.thresholds or plan.how.objectives for plan in plans)
    check_demanded(order.demanded, [plan.names for plan in plans], has_objectives=demands)


def _compare_each(plans: Sequence[_Plan], order: Order) -> Iterator[tuple[Comparison, Answer]]:
    """Where the judged strategy has objectives, those decide; where it has none, the verdict's doubt is told too."""
    for plan in plans:
        with order.engine.runner(plan.scenario.database.isolation) as runner:
            comparison = _compare(plan, runner)
        data, status = _present(comparison, order)
        if order.pooled:
            data |= _pooled(comparison, plan.folder, order)
        if not order.json and len(plans) > 1:
            order.console.print()
        decided = comparison.verdict.is_conclusive or bool(judged_by(order.demanded, comparison))
        yield comparison, (data, worst(status, GOOD if decided and comparison.is_settled else UNKNOWN))


def _compare(plan: _Plan, runner: Runner | None) -> Comparison:
    with shown_progress(plan.scenario.name) as listener:
        settings = replace(plan.how, output=plan.folder, on_progress=listener)
        if runner is not None:
            settings = replace(settings, runner=runner, workers=1)
        comparison = compare(plan.scenario, strategies=plan.names, settings=settings)
    typer.echo(f"results in {plan.folder}", err=True)
    if not isinstance(comparison, Comparison):
        raise TypeError(f"a comparison of {plan.scenario.name} was asked for, not {type(comparison).__name__}")
    return comparison


def _present(comparison: Comparison, order: Order) -> Answer:
    """Prints a comparison with all that belongs to it, unless JSON is asked for; its data and status."""
    predicted = list(predictions(comparison.scenario, order))
    if not order.json:
        print_comparison(comparison, order.console)
        print_objectives(comparison, order.demanded, order.console)
        print_predictions(predicted, order.console)
        if comparison.verification is not None:
            print_verification(comparison.verification, order.console)
    data = {
        **comparison.summary(),
        "objectives": [judged.data() for judged in comparison.judged],
        "published": [prediction.data() for prediction in predicted],
    }
    return data, worst(objectives_status(order.demanded, comparison), verification_status(comparison.verification))


def _pooled(comparison: Comparison, folder: Path, order: Order) -> dict[str, Any]:
    """Prints the pooled quantiles, from the tables that were kept, unless JSON is asked for; their data."""
    found = pooled_quantiles(comparison, load_run(folder))
    if not order.json:
        print_pooled(comparison, found, order.console)
    return {"pooled": pooled_data(found)}


def _mapped(scenario: Scenario, strategies: Sequence[str] | None) -> Scenario:
    """The scenario whose map follows the standard comparisons."""
    chosen, _ = choose_strategies(scenario, strategies)
    if len(chosen.strategies) < 2:
        raise Refused("the break-even map compares two strategies; name two, or name the scenarios to compare")
    return chosen


def _map_folder(scenario: Scenario, order: Order) -> Path:
    """Where the map's result goes. ResultError when it could not be kept."""
    identity = map_identity(scenario, seed=order.seed)
    folder = default_folder(identity) if order.output is None else order.output / "break_even"
    check_replaceable(folder, identity, force=order.force)
    return folder


def _map(scenario: Scenario, folder: Path, order: Order) -> BreakEvenMap:
    found = kept_map(scenario, folder, order, replications=MAP_REPLICATIONS, command=order.command)
    if not order.json:
        print_map(found, order.console)
    return found


def _together(comparisons: list[dict[str, Any]], found: BreakEvenMap | None) -> dict[str, Any]:
    if found is None and len(comparisons) == 1:
        return comparisons[0]
    return {"comparisons": comparisons, **({} if found is None else {"break_even_map": found.summary()})}


def _print_json(data: dict[str, Any]) -> None:
    typer.echo(json.dumps(data, indent=2, ensure_ascii=True, allow_nan=False))
