"""calibrate. sim.cli.calibrating does the work."""

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.app import app
from sim.cli.options import Json, Overrides
from sim.cli.status import Status


@app.command("calibrate")
def calibrate_command(
    context: typer.Context,
    *,
    database: Annotated[
        str,
        typer.Option("--database", metavar="URL", help="A SQLAlchemy URL, or postgresql or mariadb: a private one."),
    ],
    scenario: Annotated[
        str | None,
        typer.Option("--scenario", metavar="NAME", help="Measure this one in service too: in real time, at its load."),
    ] = None,
    overrides: Overrides = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE", help="Write the YAML here, and the quantile plots beside it as SVG."),
    ] = None,
    samples: Annotated[
        int | None,
        typer.Option("--samples", metavar="N", help="Operations of each kind and strategy; default: 1500, a minute."),
    ] = None,
    json: Json = False,
) -> Status:
    """Measure a real database and the core on this machine: the blocks database and api of a scenario."""
    from sim.cli.calibrating import CalibrateOrder, calibrate_once

    return calibrate_once(
        CalibrateOrder(
            arguments=context.obj,
            database=database,
            scenario=scenario,
            overrides=overrides or [],
            output=output,
            samples=samples,
            json=json,
        )
    )
