"""calibrate: costs of a real database and of the core, measured. sim.calibration does the work; this prints it."""

import errno
import json
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from sim.calibration import SAMPLES, Calibration, CalibrationError, calibrate
from sim.calibration.chosen import chosen
from sim.calibration.costs import CallCosts, OperationCosts
from sim.calibration.measuring import OnProgress
from sim.cli.looking import checked
from sim.cli.status import GOOD, Refused, Status
from sim.report.folding import WIDTH, cut, folded
from sim.servers import ServerError

_US = 1e6  # microseconds in a second


@dataclass(frozen=True, kw_only=True)
class CalibrateOrder:
    """What was asked for on the command line. `arguments` is all of it, for the comment."""

    arguments: Sequence[str]
    database: str
    scenario: str | None
    overrides: Sequence[str]
    output: Path | None
    samples: int | None
    json: bool

    @property
    def command(self) -> str:
        """What makes the same again; a password in the URL is not kept."""
        words = [word.replace(self.database, _without_password(self.database)) for word in self.arguments]
        return shlex.join(["bindsim", *words])


def calibrate_once(order: CalibrateOrder) -> Status:
    """`bindsim calibrate`."""
    if order.output is not None:
        _check_writable(order.output)
    scenario = None if order.scenario is None else checked(order.scenario, order.overrides)
    try:
        with _shown_progress() as listener:
            found = calibrate(
                order.database, samples=SAMPLES if order.samples is None else order.samples, scenario=scenario,
                on_progress=listener,
            )  # fmt: skip
    except (ServerError, CalibrationError) as problem:
        raise Refused(str(problem)) from None
    yaml = found.yaml(order.command)
    files = [] if order.output is None else _keep(found, yaml, order.output)
    if order.json:
        typer.echo(json.dumps(found.data() | {"yaml": yaml, "files": [str(file) for file in files]}, indent=2))
    else:
        typer.echo("\n".join(_page(found, files)) + "\n")
        typer.echo(yaml, nl=False)
    return GOOD


def _without_password(database: str) -> str:
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(database).render_as_string(hide_password=True)
    except ArgumentError:
        return database


# files


def _check_writable(file: Path) -> None:
    """Before anything is measured: whether the file can be written in the end."""
    try:
        if file.is_dir():
            raise IsADirectoryError(errno.EISDIR, "it is a folder")
        _part(file).touch()
        _part(file).unlink()
    except OSError as error:
        raise Refused(f"--output {file}: cannot be written: {error.strerror or error}") from None


def _keep(found: Calibration, yaml: str, file: Path) -> list[Path]:
    """Writes both files, each whole or not at all."""
    from sim.report.figures.calibrated import quantile_plots_svg

    picture = file.with_suffix(".svg")
    _write(picture, quantile_plots_svg(found))
    _write(file, yaml)
    return [file, picture]


def _write(file: Path, text: str) -> None:
    part = _part(file)
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(file)
    finally:
        with suppress(OSError):
            part.unlink()


def _part(file: Path) -> Path:
    return file.with_name(f".{file.name}.{os.getpid()}")


# the page


def _page(found: Calibration, files: Sequence[Path]) -> Iterator[str]:
    from sim.calibration.blocks import provenance

    yield from folded(provenance(found.circumstances))
    yield ""
    yield f"{'call':21}{'count':>7}{'lasts':>8}{'client':>8}{'server':>8}  {'distribution':20}{'KS':>6}"
    yield f"{'':21}{'':>7}{'us':>8}{'us':>8}{'us':>8}  {'of the server':20}"
    yield "-" * WIDTH
    yield from map(_call, found.calls)
    yield ""
    yield f"{'operation':37}{'lasts':>8}{'client':>8}{'own':>7}{'statements':>12}{'commits':>8}"
    yield "-" * WIDTH
    yield from map(_operation, found.costs.operations)
    yield ""
    for text in _notes(found):
        yield from folded(text)
    if files:
        yield from folded(f"Written: {' and '.join(map(str, files))}.")


def _call(call: CallCosts) -> str:
    times = "".join(f"{_US * value:>8.1f}" for value in (call.lasts_s, call.cpu_s, call.server_s))
    best = chosen(call.server)
    return f"{cut(call.name, 21):21}{call.count:>7,}{times}  {cut(best.name, 20):20}{best.distance:>6.3f}"


def _operation(operation: OperationCosts) -> str:
    own_s = operation.own_s + operation.inside_s
    times = f"{_US * operation.wall_s:>8.0f}{_US * operation.client_s:>8.0f}{_US * own_s:>7.0f}"
    name = cut(f"{operation.kind}, {operation.strategy}", 37)
    return f"{name:37}{times}{operation.statements:>12.1f}{operation.transactions:>8.1f}"


def _notes(found: Calibration) -> Iterator[str]:
    costs = found.costs
    flush = costs.flush.column.values
    rates = ", ".join(f"{c.rate_per_s:,.0f} with {c.writers}" for c in costs.commits)
    yield (
        "Means. client is computing of this process, server of the database's thread while the client computes "
        "nothing; own is the core's computing outside statements. KS is the largest difference of the two distribution "
        "functions."
    )
    yield f"A round trip waits {_US * costs.round_trip_s:.1f} us; a flush {_US * float(flush.mean()):.1f} us."
    yield f"Commits a second by writers at once: {rates}."


# progress


@contextmanager
def _shown_progress() -> Iterator[OnProgress]:
    """A bar on standard error, on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda what, share: None
        return
    columns = (TextColumn("{task.description:>16}"), BarColumn(bar_width=20))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=1.0)
        yield lambda what, share: progress.update(task, description=what, completed=share)
