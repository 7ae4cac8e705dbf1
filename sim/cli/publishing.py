"""`bindsim publish`: makes the published results of experiment files, or checks that they still come out the same.

sim.cli.commands.publishing calls it. Each experiment is run as the command that its kind names; what is published of
its result is the manifest, the summaries, the text that was printed and the page, and no raw data. It computes nothing.
"""

import io
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typer

from sim.cli.entry import main
from sim.cli.status import BROKEN, GOOD, UNKNOWN, Refused, Status
from sim.report.page import write_report
from sim.results import ResultError, load_run
from sim.results.folder import digest
from sim.scenario.experiments import Experiment, load_experiment, overrides_of

TEXT, PAGE = "output.txt", "report.html"
PUBLISHED = ("summary.json", "summary.csv", TEXT, PAGE)  # the same bytes whenever they are made; the manifest is not
EXPERIMENTS = Path("scenarios") / "experiments"


@dataclass(frozen=True, kw_only=True)
class PublishOrder:
    """What was asked for on the command line. `names` empty: all experiments of ./scenarios/experiments."""

    names: Sequence[str]
    folder: Path
    workers: int | None
    check: bool


def publish(order: PublishOrder) -> Status:
    """Makes each result; with `check` makes it aside and compares: 1 when something published is not what is made."""
    files = [Path(name) for name in order.names] or sorted(EXPERIMENTS.glob("*.yaml"))
    if not files:
        raise Refused(f"there is no experiment in {EXPERIMENTS}; name files, or go to a checkout of bindsim")
    experiments = {file.stem: load_experiment(file) for file in files}
    differing = [name for name, each in experiments.items() if not _done(name, each, order)]
    if order.check:
        typer.echo(_checked(len(experiments), differing))
    return BROKEN if differing else GOOD


def _done(name: str, experiment: Experiment, order: PublishOrder) -> bool:
    """Whether what is published is now what was made."""
    typer.echo(f"{name}: {experiment.question}", err=True)
    order.folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{name}.", dir=order.folder) as scratch:
        made = _made(experiment, Path(scratch), workers=order.workers)
        if order.check:
            return _is_same(name, made, order.folder / name)
        _put(made, order.folder / name)
    return True


def _checked(count: int, differing: Sequence[str]) -> str:
    if not differing:
        return f"{count} published results are what this version makes"
    return f"not what this version makes: {', '.join(differing)}; `bindsim publish` makes them again"


def _is_same(name: str, made: Path, published: Path) -> bool:
    differing = [file for file in _files(made, published) if _bytes(made / file) != _bytes(published / file)]
    for file in differing:
        typer.echo(f"{name}: {file} differs", err=True)
    return not differing


def _files(*folders: Path) -> list[str]:
    """What is compared: everything published that either has."""
    return sorted({file for folder in folders for file in PUBLISHED if (folder / file).is_file()})


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _put(made: Path, folder: Path) -> None:
    """Takes the place of what was published before, whole."""
    if folder.exists() and not (folder / "manifest.json").is_file():
        raise ResultError(f"{folder} exists and is no result of bindsim; move it away, then repeat")
    old = made.parent / "replaced"
    if folder.exists():
        folder.rename(old)
    made.rename(folder)


# making


def _made(experiment: Experiment, scratch: Path, *, workers: int | None) -> Path:
    """A folder with everything that is published, and nothing else."""
    result, made = scratch / "result", scratch / "made"
    text = _printed([*_command(experiment), "--output", str(result), *_workers(experiment, workers)])
    made.mkdir()
    if experiment.kind == "soak":
        (made / TEXT).write_text(_without_rates(text))
        _write_manifest(made, {"command": _said(experiment), "status": "complete"})
        return made
    loaded = load_run(result)
    manifest = {**loaded.manifest, "command": _said(experiment), "question": experiment.question}
    loaded.manifest = {**manifest, "commit": "in manifest.json, beside this page"}  # the page stays the same without it
    write_report(loaded, made / PAGE)
    (made / TEXT).write_text(text)
    for name in ("summary.json", "summary.csv"):
        shutil.copyfile(result / name, made / name)
    _write_manifest(made, manifest)
    return made


def _printed(arguments: list[str]) -> str:
    """What the command writes to standard output. Refused when it cannot be done; its verdict is no matter here."""
    said = io.StringIO()
    with redirect_stdout(said):
        status = main(arguments)
    if status not in (GOOD, BROKEN, UNKNOWN):
        raise Refused(f"bindsim {' '.join(arguments)} ended with status {status}", status)
    return said.getvalue()


def _said(experiment: Experiment) -> str:
    return f"bindsim publish {experiment.source}"


def _write_manifest(made: Path, manifest: dict[str, Any]) -> None:
    files = {path.name: digest(path) for path in sorted(made.iterdir())}
    text = json.dumps({**manifest, "files": files}, indent=2, ensure_ascii=True, allow_nan=False)
    (made / "manifest.json").write_text(text + "\n")


def _without_rates(text: str) -> str:
    """A soak's text without its first part, which says how fast it was."""
    return text.partition("\n\n")[2]


# the commands


def _command(experiment: Experiment) -> list[str]:
    """The command line that runs an experiment."""
    if experiment.kind in ("compare", "sweep", "plan"):
        return [experiment.kind, experiment.source]
    asked = _soak(experiment) if experiment.kind == "soak" else _map(experiment)
    return [experiment.kind, *asked, "--seed", str(experiment.seed)]


def _soak(experiment: Experiment) -> Iterator[str]:
    yield from (() if experiment.runs is None else ("--runs", str(experiment.runs)))
    yield from (("--scenario", experiment.scenario) if experiment.scenario else ())


def _map(experiment: Experiment) -> Iterator[str]:
    yield experiment.scenario
    yield from (word for each in overrides_of(experiment) for word in ("--set", each))
    yield from (() if experiment.strategies is None else ("--strategies", ",".join(experiment.strategies)))
    yield from (() if experiment.replications is None else ("--replications", str(experiment.replications)))


def _workers(experiment: Experiment, workers: int | None) -> list[str]:
    option = "--jobs" if experiment.kind == "soak" else "--workers"
    return [] if workers is None else [option, str(workers)]
