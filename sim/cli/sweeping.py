"""The commands sweep and merge, and the screening of assumptions. sim.cli.commands.sweeping calls them.

sim.experiment.sweeps does the work. These choose the output folder, show progress, print what comes back, and turn it
into an exit status.
"""

import json
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import typer
from rich.console import Console

from sim.cli.looking import WIDTH, checked
from sim.cli.progress import shown_progress
from sim.cli.status import GOOD, INTERNAL, Refused, Status
from sim.experiment.cache import OutcomeCache
from sim.experiment.precision import Precision
from sim.experiment.sweeps import (
    Asked,
    Screening,
    Shard,
    Sweep,
    SweepSettings,
    ask,
    asked_by,
    folder_of,
    identity_of,
    keep_sweep,
    merge,
    run_screening,
    run_sweep,
    screen_folder,
    screen_identity,
    screened,
    told_by,
)
from sim.experiment.sweeps.screening import FACTOR, TRAJECTORIES
from sim.experiment.sweeps.screening import REPLICATIONS as SCREENING_REPLICATIONS
from sim.report.screening import print_screening
from sim.report.sweeps import print_sweep
from sim.results import ResultWriter, check_replaceable
from sim.scenario.assumptions import assumptions
from sim.scenario.experiments import axis_of, is_experiment, load_experiment


@dataclass(frozen=True, kw_only=True)
class SweepOrder:
    """What was asked for on the command line; None where nothing was said. `arguments` is all of it."""

    arguments: Sequence[str]
    overrides: Sequence[str] = ()
    vary: Sequence[str] = ()
    strategies: str | None = None
    replications: int | None = None
    precision: float | None = None
    seed: int | None = None
    metric: str | None = None
    workers: int | None = None
    scheduler: str | None = None
    shard: str | None = None
    cache: bool = True
    trajectories: int | None = None  # of a screening
    factor: float | None = None  # of a screening
    output: Path | None = None
    force: bool = False
    json: bool = False
    console: Console = field(default_factory=lambda: Console(width=WIDTH, highlight=False))

    @property
    def names(self) -> list[str] | None:
        """The strategies that were asked for."""
        return None if self.strategies is None else self.strategies.split(",")

    @property
    def origin(self) -> tuple[str, ...]:
        """The overrides as they are typed."""
        return tuple(word for each in self.overrides for word in ("--set", each))

    def settings(self, name: str) -> SweepSettings:
        """How to run, as far as the command line says it."""
        return SweepSettings(
            workers=self.workers, scheduler=self.scheduler, cache=OutcomeCache.usual(wanted=self.cache),
            shard=None if self.shard is None else _shard(self.shard), force=self.force,
            command=shlex.join(["bindsim", *self.arguments]), origin=(name, *self.origin),
        )  # fmt: skip

    def said(self, how: SweepSettings) -> SweepSettings:
        """The same settings with the numbers of the command line, which come before those of a file."""
        if self.replications is not None and self.precision is not None:
            raise Refused("--replications and --precision cannot be given together; --precision finds the number")
        if self.replications is not None:
            how = replace(how, replications=self.replications, precision=None)
        if self.precision is not None:
            how = replace(how, precision=_precision(self.precision))
        return how if self.seed is None else replace(how, seed=self.seed)


def sweep_all(name: str, order: SweepOrder) -> Status:
    """`bindsim sweep`: 4 when a point failed."""
    asked, how = _asked(name, order)
    folder = order.output or folder_of(asked.over, how.replications)
    check_replaceable(folder, identity_of(asked.over, how.replications), force=order.force)
    with _watched(asked.over.scenario.name, how) as watched:
        found = run_sweep(asked, replace(watched, output=folder))
    return _present(found, folder, order)


def screen_all(name: str, order: SweepOrder) -> Status:
    """`bindsim sweep --screen`: 4 when a point failed."""
    _check_screening(name, order)
    how = order.said(replace(order.settings(name), replications=SCREENING_REPLICATIONS))
    over = screened(
        checked(name, order.overrides), assumptions(name, order.overrides), how, strategies=order.names,
        metric=order.metric, count=order.trajectories or TRAJECTORIES, factor=order.factor or FACTOR,
    )  # fmt: skip
    folder = order.output or screen_folder(over, how.replications)
    check_replaceable(folder, screen_identity(over, how.replications), force=order.force)
    with _watched(over.scenario.name, how) as watched:
        found = run_screening(over, replace(watched, output=folder))
    if not order.json:
        print_screening(found, order.console)
    return _told(found, folder, order, points=len(over.points))


def _check_screening(name: str, order: SweepOrder) -> None:
    given = {"--vary": order.vary, "--precision": order.precision, "--shard": order.shard}
    unfit = [option for option, value in given.items() if value]
    if unfit:
        raise Refused(f"{unfit[0]} does not go with --screen, which varies the assumptions of the scenario")
    if is_experiment(name):
        raise Refused(f"{name} is an experiment; --screen takes a scenario")


def clear_cache() -> Status:
    """`bindsim sweep --clear-cache`: deletes every replication that was kept."""
    cache = OutcomeCache.usual()
    typer.echo(f"{cache.clear()} replications deleted from {cache.folder or 'no cache: it is off'}", err=True)
    return GOOD


def merge_all(folders: Sequence[Path], order: SweepOrder) -> Status:
    """`bindsim merge`: the whole of the shards in the folders."""
    merged = merge(folders)
    over = merged.sweep.over
    folder = order.output or folder_of(over, merged.replications)
    with ResultWriter(folder, identity_of(over, merged.replications), force=order.force) as writer:
        keep_sweep(merged.sweep, writer, command=shlex.join(["bindsim", *order.arguments]), origin=merged.origin)
    return _present(merged.sweep, folder, order)


def _asked(name: str, order: SweepOrder) -> tuple[Asked, SweepSettings]:
    """Everything checked; nothing has run."""
    how = order.settings(name)
    if is_experiment(name):
        if order.vary:
            raise Refused(f"{name} is an experiment and says itself what is varied; leave --vary out")
        experiment = load_experiment(name)
        how = order.said(told_by(experiment, how))
        how = replace(how, origin=(*how.origin, *order.origin))
        asked = asked_by(experiment, how, strategies=order.names, metric=order.metric, overrides=order.overrides)
        return asked, how
    how = order.said(how)
    axes = [axis_of(text) for text in order.vary]
    return ask(checked(name, order.overrides), axes, how, strategies=order.names, metric=order.metric), how


@contextmanager
def _watched(title: str, how: SweepSettings) -> Iterator[SweepSettings]:
    """The settings with a progress bar. An interrupt says what is not lost."""
    try:
        with shown_progress(title) as listener:
            yield replace(how, on_progress=listener)
    except KeyboardInterrupt:
        if how.cache.folder is not None:
            typer.echo("finished replications are in the cache; the same command goes on from there", err=True)
        raise


def _present(found: Sweep, folder: Path, order: SweepOrder) -> Status:
    if not order.json:
        print_sweep(found, order.console)
    return _told(found, folder, order, points=len(found.points))


def _told(found: Sweep | Screening, folder: Path, order: SweepOrder, *, points: int) -> Status:
    """What belongs to every answer; its status."""
    if order.json:
        typer.echo(json.dumps(found.summary(), indent=2, ensure_ascii=True, allow_nan=False))
    if found.cached:
        typer.echo(f"{found.cached:,} of {found.run + found.cached:,} replications came from the cache", err=True)
    typer.echo(f"results in {folder}", err=True)
    if found.failures:
        typer.echo(f"bindsim: {len(found.failures)} of {points} points failed", err=True)
    return INTERNAL if found.failures else GOOD


def _shard(text: str) -> Shard:
    try:
        return Shard.parse(text)
    except ValueError as problem:
        raise Refused(f"--shard {problem}") from None


def _precision(share: float) -> Precision:
    try:
        return Precision(share=share)
    except ValueError as problem:
        raise Refused(f"--{problem}") from None
