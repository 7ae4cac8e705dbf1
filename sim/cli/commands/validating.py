"""validate. sim.cli.validating does the work."""

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.app import app
from sim.cli.options import Json, Name, Overrides, Seed, Strategies
from sim.cli.status import Status


@app.command("validate")
def validate_command(
    scenario: Name,
    *,
    database: Annotated[
        str,
        typer.Option("--database", metavar="URL", help="A SQLAlchemy URL, or postgresql or mariadb: a private one."),
    ],
    strategies: Strategies = None,
    loads: Annotated[
        str | None,
        typer.Option("--loads", metavar="A,B,...", help="Shares of the measured capacity; default: 0.3,0.6,0.85."),
    ] = None,
    replications: Annotated[
        int | None,
        typer.Option("--replications", metavar="N", min=1, help="Of each strategy and load; default: 5."),
    ] = None,
    seed: Seed = 1,
    overrides: Overrides = None,
    samples: Annotated[
        int | None,
        typer.Option("--samples", metavar="N", min=20, help="Of the calibration, operations of each kind."),
    ] = None,
    calibration: Annotated[
        Path | None,
        typer.Option("--calibration", metavar="FILE", help="What bindsim calibrate has written."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="DIR", help="Keep the numbers and the picture here.")
    ] = None,
    json: Json = False,
) -> Status:
    """Compare what the simulator predicts with what a real database measures; 1 where it is not near enough."""
    from sim.cli.validating import ValidateOrder, validate_once

    return validate_once(
        ValidateOrder(
            scenario=scenario, database=database, overrides=overrides or [],
            strategies=None if strategies is None else strategies.split(","), loads=loads, replications=replications,
            seed=seed, samples=samples, calibration=calibration, output=output, json=json,
        )
    )  # fmt: skip
