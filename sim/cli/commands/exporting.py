"""export. sim.cli.exporting does the work."""

from enum import StrEnum
from typing import Annotated

import typer

from sim.cli.app import app
from sim.cli.options import Force, Json, Result, Strategy


class Format(StrEnum):
    """What `bindsim export` can write."""

    PERFETTO = "perfetto"
    HDR = "hdr"


@app.command()
def export(
    folder: Result,
    *,
    format_: Annotated[Format, typer.Option("--format", help="A trace for Perfetto or Chrome, or percentile files.")],
    output: Annotated[
        str | None,
        typer.Option("--output", metavar="PATH", help="Where to; .gz compresses a trace. Default: beside the result."),
    ] = None,
    strategy: Strategy = None,
    replication: Annotated[
        int | None,
        typer.Option("--replication", metavar="N", min=0, help="Which one; default: perfetto 0, hdr all together."),
    ] = None,
    force: Force = False,
    json: Json = False,
) -> None:
    """Write what a result recorded in a format that other programs open."""
    from sim.cli.exporting import Export, export_result

    export_result(
        Export(
            folder=folder,
            format=format_.value,
            output=output,
            strategy=strategy,
            replication=replication,
            force=force,
            json=json,
        )
    )
