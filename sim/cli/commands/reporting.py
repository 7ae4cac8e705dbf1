"""report. sim.cli.reporting does the work."""

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.app import app
from sim.cli.options import Json, Result


@app.command()
def report(
    folder: Result,
    *,
    open_: Annotated[bool, typer.Option("--open", help="Show it in a browser.")] = False,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Where to; default: report.html in DIR.")
    ] = None,
    json: Json = False,
) -> None:
    """Write a page of a result to send to others: one HTML file, no network."""
    from sim.cli.reporting import report_result

    report_result(folder, output, opens=open_, json=json)
