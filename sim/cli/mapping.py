"""`bindsim map`: a scenario's break-even map. sim.cli.commands.publishing calls it; sim.experiment does the work."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import typer
from rich.console import Console

from sim.cli.looking import WIDTH, checked
from sim.cli.progress import shown_progress
from sim.cli.status import GOOD, Refused, Status
from sim.experiment import BreakEvenMap, break_even_map, choose_strategies, keep_map, map_identity
from sim.report.terminal import as_json, print_map
from sim.results import check_replaceable, default_folder
from sim.scenario import Problem, Scenario, ScenarioError

_NEEDS = "a map compares the create_port latency of two strategies over the bind latency of the controllers"


class HowToRun(Protocol):
    """What an order says about running."""

    @property
    def seed(self) -> int: ...
    @property
    def workers(self) -> int | None: ...
    @property
    def force(self) -> bool: ...


@dataclass(frozen=True, kw_only=True)
class MapOrder:
    """What was asked for on the command line. `arguments` is all of it, for the manifest."""

    arguments: Sequence[str]
    overrides: Sequence[str] = ()
    strategies: Sequence[str] | None = None
    replications: int
    seed: int = 1
    workers: int | None = None
    output: Path | None = None
    force: bool = False
    json: bool = False
    console: Console = field(default_factory=lambda: Console(width=WIDTH, highlight=False))


def map_once(name: str, order: MapOrder) -> Status:
    """Makes, keeps and prints the map of a scenario."""
    scenario = _mapped(checked(name, order.overrides), order.strategies)
    identity = map_identity(scenario, seed=order.seed, replications=order.replications)
    folder = order.output or default_folder(identity)
    check_replaceable(folder, identity, force=order.force)
    found = kept_map(
        scenario, folder, order, replications=order.replications, command=shlex.join(["bindsim", *order.arguments])
    )
    if order.json:
        typer.echo(as_json(found))
    else:
        print_map(found, order.console)
    return GOOD


def kept_map(scenario: Scenario, folder: Path, how: HowToRun, *, replications: int, command: str) -> BreakEvenMap:
    """Makes the map with a progress bar, keeps it in the folder, and says where. `bindsim compare` calls it too."""
    with shown_progress("break-even map") as listener:
        found = break_even_map(
            scenario, seed=how.seed, replications=replications, workers=how.workers, on_progress=listener
        )
    keep_map(found, scenario, folder, force=how.force, command=command)
    typer.echo(f"results in {folder}", err=True)
    return found


def _mapped(scenario: Scenario, strategies: Sequence[str] | None) -> Scenario:
    """The scenario with its two strategies. Raises ScenarioError when it has nothing that a map is about."""
    chosen, names = choose_strategies(scenario, strategies)
    if len(names) < 2:
        raise Refused(f"{_NEEDS}; name two with --strategies")
    if not scenario.controllers:
        raise ScenarioError([Problem(scenario.name, ("controllers",), f"is empty; {_NEEDS}")])
    if not any(entry.operation == "create_port" for entry in scenario.workload.operations):
        raise ScenarioError([Problem(scenario.name, ("workload", "operations"), f"hold no create_port; {_NEEDS}")])
    return chosen
