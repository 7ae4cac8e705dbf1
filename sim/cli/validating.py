"""validate: predictions beside measurements. sim.validation does the work; this prints it and keeps it."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from sim.cli.looking import WIDTH, checked
from sim.cli.status import BROKEN, GOOD, Refused, Status
from sim.report.validation import validation_lines
from sim.scenario.yaml_text import parse
from sim.validation import LOADS, Plan, Validation, validate
from sim.validation.validating import REPLICATIONS, OnProgress


@dataclass(frozen=True, kw_only=True)
class ValidateOrder:
    """What was asked for on the command line."""

    scenario: str
    database: str
    overrides: Sequence[str]
    strategies: Sequence[str] | None
    loads: str | None
    replications: int | None
    seed: int
    samples: int | None
    calibration: Path | None
    output: Path | None
    json: bool


def validate_once(order: ValidateOrder) -> Status:
    """`bindsim validate`: 1 when a prediction is not as near as is asked for."""
    scenario = checked(order.scenario, order.overrides)
    _check_output(order.output)
    with _shown_progress() as listener:
        found = validate(scenario, order.database, _plan(order, listener))
    data = found.data()
    if order.output is not None:
        _keep(found, data, order.output)
    if order.json:
        typer.echo(json.dumps(data, indent=2, ensure_ascii=True, allow_nan=False))
    else:
        typer.echo("\n".join(validation_lines(found)))
    return BROKEN if found.missed else GOOD


def _plan(order: ValidateOrder, listener: OnProgress) -> Plan:
    return Plan(
        strategies=order.strategies, loads=_loads(order.loads), seed=order.seed, samples=order.samples or 600,
        replications=order.replications or REPLICATIONS, on_progress=listener,
        blocks=None if order.calibration is None else _blocks(order.calibration),
    )  # fmt: skip


def _loads(text: str | None) -> Sequence[float]:
    if text is None:
        return LOADS
    try:
        loads = [float(word) for word in text.split(",")]
    except ValueError:
        loads = []
    if not loads or not all(0 < load <= 1 for load in loads):
        raise Refused(f"--loads {text}: must be shares of the capacity above 0 and at most 1, such as 0.3,0.6")
    return loads


def _blocks(file: Path) -> dict[str, Any]:
    """The blocks that `bindsim calibrate --output` wrote."""
    try:
        data, _ = parse(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise Refused(f"--calibration {file}: cannot be read: {problem}") from None
    if not isinstance(data, dict) or set(data) != {"database", "api"}:
        raise Refused(f"--calibration {file}: must hold database and api, as bindsim calibrate writes them")
    return dict(data)


def _check_output(folder: Path | None) -> None:
    if folder is None:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise Refused(f"--output {folder}: cannot be made: {problem.strerror}") from None


def _keep(found: Validation, data: dict[str, Any], folder: Path) -> None:
    """validation.json and predicted.svg, each whole or not at all."""
    from sim.report.figures.predicted import predicted_svg

    texts = {
        "predicted.svg": predicted_svg([found]),
        "validation.json": json.dumps(data, indent=2, ensure_ascii=True, allow_nan=False) + "\n",
    }
    for name, text in texts.items():
        partial = folder / f".{name}.partial"
        partial.write_text(text, encoding="utf-8")
        partial.replace(folder / name)
    typer.echo(f"results in {folder}", err=True)


@contextmanager
def _shown_progress() -> Iterator[OnProgress]:
    """A bar on standard error where it is a terminal, else a line a step."""
    if not sys.stderr.isatty():
        yield lambda what, share: typer.echo(f"{share:4.0%} {what}", err=True)
        return
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=20))
    with Progress(*columns, console=Console(stderr=True, width=WIDTH), transient=True) as progress:
        task = progress.add_task("", total=1.0)
        yield lambda what, share: progress.update(task, description=what, completed=share)
