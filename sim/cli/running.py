"""The commands that run something: run and compare. sim.cli.app calls them; sim.experiment does the work.

They choose the output folder, show progress, print what comes back, and turn it into an exit status.
"""

import json
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from sim.cli.looking import WIDTH, checked
from sim.cli.progress import shown_progress
from sim.cli.promises import print_promises, promises, promises_status
from sim.cli.published import predictions, print_predictions
from sim.cli.status import GOOD, UNKNOWN, Refused, Status, worst
from sim.experiment import (
    STANDARD_SCENARIOS,
    BreakEvenMap,
    Comparison,
    Settings,
    break_even_map,
    choose_strategies,
    compare,
    keep_map,
    map_identity,
)
from sim.report.terminal import print_comparison, print_map
from sim.results import RunIdentity, default_folder
from sim.scenario import Scenario, scenario_hash

Answer = tuple[dict[str, Any], Status]


@dataclass(frozen=True, kw_only=True)
class _Options:
    """What run and compare have in common."""

    seed: int
    output: Path | None
    force: bool
    json: bool
    replications: int = 1
    workers: int | None = 1


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


def run_once(name: str, strategy: str | None, order: Order) -> Status:
    """`bindsim run`: one replication of one strategy. 3 when the run did not end well enough to be measured."""
    scenario = checked(name, order.overrides)
    chosen = strategy if strategy is not None else scenario.strategies[0].name
    comparison = _compare(scenario, [chosen], order, verb="run")
    ended_well = all(outcome.outcome == "ok" for outcome in comparison.samples.outcomes(chosen))
    data, status = _present(comparison, order)
    if order.json:
        _print_json(data)
    return worst(status, GOOD if ended_well else UNKNOWN)


def compare_all(names: Sequence[str], strategies: Sequence[str] | None, order: Order) -> Status:
    """`bindsim compare`: the scenarios one by one; without one the standard comparison and its map."""
    scenarios = [checked(name, order.overrides) for name in names or STANDARD_SCENARIOS]
    mapped = None if names else _mapped(scenarios[0], strategies)
    answers = list(_compare_each(scenarios, strategies, order, several=len(scenarios) > 1))
    found = None if mapped is None else _map(mapped, order)
    if order.json:
        _print_json(_together([data for data, _ in answers], found))
    return worst(*(status for _, status in answers))


def _compare_each(
    scenarios: Sequence[Scenario], strategies: Sequence[str] | None, order: Order, *, several: bool
) -> Iterator[Answer]:
    for scenario in scenarios:
        comparison = _compare(scenario, strategies, order, verb="compare", several=several)
        data, status = _present(comparison, order)
        if not order.json and several:
            order.console.print()
        yield data, worst(status, GOOD if comparison.verdict.is_conclusive else UNKNOWN)


def _compare(
    scenario: Scenario, strategies: Sequence[str] | None, order: Order, *, verb: str, several: bool = False
) -> Comparison:
    place = "--strategy" if verb == "run" else "--strategies"
    scenario, names = choose_strategies(scenario, strategies, place=place)
    folder = _folder(scenario, names, order, verb=verb, several=several)
    with shown_progress(scenario.name) as listener:
        settings = Settings(
            replications=order.replications, seed=order.seed, workers=order.workers, output=folder, force=order.force,
            verb=verb, command=order.command, on_progress=listener,
        )  # fmt: skip
        comparison = compare(scenario, strategies=names, settings=settings)
    typer.echo(f"results in {folder}", err=True)
    if not isinstance(comparison, Comparison):
        raise TypeError(f"a comparison of {scenario.name} was asked for, not {type(comparison).__name__}")
    return comparison


def _folder(scenario: Scenario, names: tuple[str, ...], order: Order, *, verb: str, several: bool) -> Path:
    if order.output is not None:
        return order.output / scenario.name if several else order.output
    return default_folder(
        RunIdentity(
            scenario=scenario.name, scenario_hash=scenario_hash(scenario), verb=verb, seed=order.seed,
            replications=order.replications, strategies=names,
        )
    )  # fmt: skip


def _present(comparison: Comparison, order: Order) -> Answer:
    """Prints a comparison with its promises and predictions, unless JSON is asked for; its data and status."""
    kept, predicted = promises(comparison), list(predictions(comparison.scenario, order))
    if not order.json:
        print_comparison(comparison, order.console)
        print_promises(kept, order.console)
        print_predictions(predicted, order.console)
    data = {
        **comparison.summary(),
        "thresholds": [promise.data() for promise in kept],
        "published": [prediction.data() for prediction in predicted],
    }
    return data, promises_status(kept)


def _mapped(scenario: Scenario, strategies: Sequence[str] | None) -> Scenario:
    """The scenario whose map follows the standard comparisons."""
    chosen, _ = choose_strategies(scenario, strategies)
    if len(chosen.strategies) < 2:
        raise Refused("the break-even map compares two strategies; name two, or name the scenarios to compare")
    return chosen


def _map(scenario: Scenario, order: Order) -> BreakEvenMap:
    with shown_progress("break-even map") as listener:
        found = break_even_map(scenario, seed=order.seed, workers=order.workers, on_progress=listener)
    folder = _map_folder(scenario, order)
    keep_map(found, scenario, folder, force=order.force, command=order.command)
    typer.echo(f"results in {folder}", err=True)
    if not order.json:
        print_map(found, order.console)
    return found


def _map_folder(scenario: Scenario, order: Order) -> Path:
    if order.output is not None:
        return order.output / "break_even"
    return default_folder(map_identity(scenario, seed=order.seed))


def _together(comparisons: list[dict[str, Any]], found: BreakEvenMap | None) -> dict[str, Any]:
    if found is None and len(comparisons) == 1:
        return comparisons[0]
    return {"comparisons": comparisons, **({} if found is None else {"break_even_map": found.summary()})}


def _print_json(data: dict[str, Any]) -> None:
    typer.echo(json.dumps(data, indent=2, ensure_ascii=True, allow_nan=False))
