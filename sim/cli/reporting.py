"""`bindsim report`: the page of a result, and showing it.

sim.cli.commands.reporting calls it; sim.report.page makes the page.
"""

import json as json_format
import webbrowser
from pathlib import Path

import typer

from sim.cli.status import Refused
from sim.report.page import write_report
from sim.results import load_run


def report_result(folder: Path, output: Path | None, *, opens: bool, json: bool) -> None:
    """Writes the page and says where. ResultError, or Refused where it cannot be shown; it is written even then."""
    path = write_report(load_run(folder), output)
    if json:
        typer.echo(json_format.dumps({"file": str(path), "bytes": path.stat().st_size}, indent=2))
    else:
        typer.echo(f"{path}: {path.stat().st_size / 1024:,.0f} KB, readable without network and JavaScript")
    if opens:
        _show(path)


def _show(path: Path) -> None:
    try:
        browser = webbrowser.get()
        shown = browser.open(path.resolve().as_uri())
    except webbrowser.Error:
        shown = False
    if not shown:
        raise Refused(f"no browser could be started here; open {path} on another machine, or set BROWSER")
