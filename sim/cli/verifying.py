"""The commands about the checker: verify and properties; and the exit status of what it found, for run and compare.

sim.cli.app calls them. sim.experiment checks, sim.report prints.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import track

from core.binding.promises import PROPERTIES, promises_of
from sim.cli.looking import WIDTH, item
from sim.cli.status import BROKEN, GOOD, UNKNOWN, Status
from sim.experiment import Verification, checked_histories
from sim.history.summary import CheckedRun, meaning
from sim.report.verification import print_verification
from sim.results import LoadedRun, load_run
from sim.scenario import BASES, builtin


def verify_folder(folder: Path, *, as_json: bool) -> Status:
    """`bindsim verify`: checks every history in a result folder, and prints what was found."""
    result = load_run(folder)
    found = Verification(list(_shown(checked_histories(result), result)), origin=result.origin)
    if as_json:
        data = {"scenario": result.manifest["run"]["scenario"], "verification": found.data()}
        typer.echo(json.dumps(data, indent=2, ensure_ascii=True, allow_nan=False))
    else:
        print_verification(found, Console(width=WIDTH, highlight=False))
    return verification_status(found)


def _shown(runs: Iterator[CheckedRun], result: LoadedRun) -> Iterable[CheckedRun]:
    """The runs, with a progress bar where somebody can see it."""
    return track(
        runs, "checking", total=len(result.histories()), console=Console(stderr=True), transient=True,
        disable=not sys.stderr.isatty(),
    )  # fmt: skip


def verification_status(found: Verification | None) -> Status:
    """1 when a promise is broken, else 3 when something promised is unknown, else 0. Other findings change nothing."""
    if found is None:
        return GOOD
    return BROKEN if found.is_broken else UNKNOWN if found.is_unknown else GOOD


def print_properties(*, as_json: bool) -> None:
    """Each property with its meaning, and which of the built-in strategies promise it."""
    promised = _promised()
    if as_json:
        data = [{"property": name, "meaning": meaning(name), "promised_by": promised[name]} for name in PROPERTIES]
        typer.echo(json.dumps(data, indent=2, ensure_ascii=False))
        return
    typer.echo("\n".join(item(name, f"{meaning(name)} {_by(promised[name])}") for name in PROPERTIES))


def _promised() -> dict[str, list[str]]:
    kept = {base: promises_of(builtin(base).policies) for base in BASES}
    return {name: [base for base in BASES if name in kept[base]] for name in PROPERTIES}


def _by(strategies: list[str]) -> str:
    return f"Promised by {', '.join(strategies)}." if strategies else "Promised by none."
