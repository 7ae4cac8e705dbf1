"""The command plan. sim.cli.commands.planning calls it; sim.experiment.planning does the work.

It chooses the output folder, shows progress, prints what comes back, and turns it into an exit status.
"""

import json
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from sim.cli.looking import WIDTH, checked
from sim.cli.progress import shown_progress
from sim.cli.status import GOOD, UNKNOWN, Refused, Status
from sim.experiment import OnProgress
from sim.experiment.cache import OutcomeCache
from sim.experiment.planning import Plan, PlanSettings, plan, prepared
from sim.report.planning import print_plan
from sim.results import check_replaceable, default_folder
from sim.scenario import Scenario
from sim.scenario.experiments import axes_of, axis_of, is_experiment, load_experiment, overrides_of


@dataclass(frozen=True, kw_only=True)
class PlanOrder:
    """What was asked for on the command line; None where nothing was said. `arguments` is all of it."""

    arguments: Sequence[str]
    overrides: Sequence[str] = ()
    slo: Sequence[str] = ()
    scale: str | None = None
    vary: Sequence[str] = ()
    rate: float | None = None
    headroom: float | None = None
    strategies: str | None = None
    replications: int | None = None
    precision: float | None = None
    seed: int | None = None
    workers: int | None = None
    scheduler: str | None = None
    cache: bool = True
    output: Path | None = None
    force: bool = False
    json: bool = False
    console: Console = field(default_factory=lambda: Console(width=WIDTH, highlight=False))


def plan_all(name: str, order: PlanOrder) -> Status:
    """`bindsim plan`: 3 when the answer is inconclusive."""
    scenario, how = _asked(name, order)
    identity = prepared(scenario, how).identity
    folder = order.output or default_folder(identity)
    check_replaceable(folder, identity, force=order.force)
    with _told_what_is_kept(how):
        found = plan(scenario, settings=replace(how, output=folder, stage=_stage(scenario.name)))
    _present(found, folder, order)
    return GOOD if found.is_conclusive else UNKNOWN


def _asked(name: str, order: PlanOrder) -> tuple[Scenario, PlanSettings]:
    """Everything read; nothing has run."""
    if order.headroom is not None and order.rate is None:
        raise Refused("--headroom goes with --rate, the load that a size is wanted for")
    if order.replications is not None and order.precision is not None:
        raise Refused("--replications and --precision cannot be given together; --precision finds the number")
    if is_experiment(name):
        return _of_experiment(name, order)
    scenario = checked(name, order.overrides)
    axes = tuple(axis_of(text) for text in order.vary)
    return scenario, _settings(order, {"vary": axes, "origin": (name, *_origin(order))})


def _of_experiment(name: str, order: PlanOrder) -> tuple[Scenario, PlanSettings]:
    experiment = load_experiment(name)
    if experiment.kind != "plan":
        raise Refused(f"{name} is an experiment of kind {experiment.kind}; run it with bindsim {experiment.kind}")
    if order.vary:
        raise Refused(f"{name} is an experiment and says itself what is varied; leave --vary out")
    scenario = checked(experiment.scenario, [*overrides_of(experiment), *order.overrides])
    told = {
        "slo": experiment.slo, "scale": experiment.scale, "strategies": experiment.strategies,
        "vary": axes_of(experiment), "seed": experiment.seed, "replications": experiment.replications,
        "precision": experiment.precision, "origin": (name, *_origin(order)),
    }  # fmt: skip
    return scenario, _settings(order, {key: value for key, value in told.items() if value is not None})


def _origin(order: PlanOrder) -> list[str]:
    return [word for each in order.overrides for word in ("--set", each)]


def _settings(order: PlanOrder, told: dict[str, Any]) -> PlanSettings:
    """What the command line says comes before what a file tells."""
    said = {
        "slo": tuple(order.slo) or None, "scale": order.scale, "rate": order.rate, "headroom": order.headroom,
        "strategies": None if order.strategies is None else order.strategies.split(","),
        "replications": order.replications, "precision": order.precision, "seed": order.seed,
        "workers": order.workers, "scheduler": order.scheduler, "force": order.force or None,
        "cache": OutcomeCache.usual(wanted=order.cache), "command": shlex.join(["bindsim", *order.arguments]),
    }  # fmt: skip
    try:
        return PlanSettings(**{**told, **{key: value for key, value in said.items() if value is not None}})
    except ValueError as problem:
        raise Refused(f"--{problem}") from None


def _stage(name: str) -> Any:
    @contextmanager
    def stage(title: str) -> Iterator[OnProgress | None]:
        with shown_progress(f"{name}, {title}") as listener:
            yield listener

    return stage


@contextmanager
def _told_what_is_kept(how: PlanSettings) -> Iterator[None]:
    """An interrupt says what is not lost."""
    try:
        yield
    except KeyboardInterrupt:
        if how.cache.folder is not None:
            typer.echo("finished runs are in the cache; the same command goes on from there", err=True)
        raise


def _present(found: Plan, folder: Path, order: PlanOrder) -> None:
    if order.json:
        typer.echo(json.dumps(found.summary(), indent=2, ensure_ascii=True, allow_nan=False))
    else:
        print_plan(found, order.console)
    typer.echo(f"results in {folder}", err=True)
