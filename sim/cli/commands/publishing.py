"""map and publish. sim.cli.mapping and sim.cli.publishing do the work."""

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.app import app
from sim.cli.options import Force, Json, Name, Output, Overrides, Seed, Strategies, Workers
from sim.cli.status import Status


@app.command("map")
def map_command(
    context: typer.Context,
    scenario: Name = "boot_storm",
    *,
    strategies: Strategies = None,
    replications: Annotated[
        int, typer.Option("--replications", metavar="N", min=1, max=100_000, help="Replications of each cell.")
    ] = 5,
    seed: Seed = 1,
    overrides: Overrides = None,
    workers: Workers = None,
    output: Output = None,
    force: Force = False,
    json: Json = False,
) -> Status:
    """Say from which bind latency on the second strategy pays, with one subnet for all or one a tenant."""
    from sim.cli.mapping import MapOrder, map_once

    order = MapOrder(
        arguments=context.obj, overrides=overrides or (), replications=replications, seed=seed, workers=workers,
        strategies=None if strategies is None else strategies.split(","), output=output, force=force, json=json,
    )  # fmt: skip
    return map_once(scenario, order)


@app.command()
def publish(
    experiments: Annotated[
        list[str] | None,
        typer.Argument(metavar="EXPERIMENT", help="Experiment files; none: all of scenarios/experiments."),
    ] = None,
    *,
    check: Annotated[bool, typer.Option("--check", help="Change nothing; say what would come out otherwise.")] = False,
    output: Annotated[Path, typer.Option("--output", metavar="DIR", help="The folder of published results.")] = Path(
        "results"
    ),
    workers: Workers = None,
) -> Status:
    """Make the published results again, or check that they still come out the same."""
    from sim.cli.publishing import PublishOrder
    from sim.cli.publishing import publish as published

    return published(PublishOrder(names=experiments or [], folder=output, workers=workers, check=check))
