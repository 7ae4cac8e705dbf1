"""sweep and merge. sim.cli.sweeping does the work."""

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.app import app
from sim.cli.options import Force, Json, Output, Overrides, Strategies, Workers
from sim.cli.status import GOOD, Refused, Status

Scheduler = Annotated[
    str | None, typer.Option("--scheduler", metavar="tcp://HOST:PORT", help="Run on the workers of a Dask cluster.")
]
Varied = Annotated[
    list[str] | None,
    typer.Option("--vary", metavar="PATH=V1,V2,...", help="What to vary; a range is FROM..TO..COUNT; repeatable."),
]
Metric = Annotated[
    str | None, typer.Option("--metric", metavar="NAME", help="What the table shows; default: the primary metric.")
]
Shares = Annotated[str | None, typer.Option("--shard", metavar="I/N", help="Run only this part of the points.")]
Cache = Annotated[bool, typer.Option("--cache/--no-cache", help="Take from the cache what was run before.")]
Shards = Annotated[list[Path], typer.Argument(metavar="DIR...", help="The results of all shards of a sweep.")]


@app.command()
def sweep(
    context: typer.Context,
    scenario: Annotated[
        str | None, typer.Argument(metavar="SCENARIO", help="A file or name of a scenario or an experiment.")
    ] = None,
    *,
    vary: Varied = None,
    strategies: Strategies = None,
    overrides: Overrides = None,
    replications: Annotated[
        int | None,
        typer.Option(
            "--replications", metavar="N", min=1, max=100_000, help="Of each strategy; default: 10, with --screen 3."
        ),
    ] = None,
    precision: Annotated[
        float | None,
        typer.Option("--precision", metavar="P", help="Go on until the intervals are within this share of the means."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", min=0, max=2**63 - 1, help="The one seed; default: 1.")
    ] = None,
    metric: Metric = None,
    workers: Workers = None,
    scheduler: Scheduler = None,
    shard: Shares = None,
    cache: Cache = True,
    screen: Annotated[bool, typer.Option("--screen", help="Rank the assumptions of the scenario instead.")] = False,
    trajectories: Annotated[
        int | None, typer.Option("--trajectories", metavar="R", min=2, max=1000, help="Of --screen; default: 10.")
    ] = None,
    factor: Annotated[
        float | None,
        typer.Option("--factor", metavar="F", min=1.01, max=1000, help="Of --screen: from 1/F to F times; default: 2."),
    ] = None,
    clear_cache: Annotated[bool, typer.Option("--clear-cache", help="Delete all that the cache holds first.")] = False,
    output: Output = None,
    force: Force = False,
    json: Json = False,
) -> Status:
    """Compare strategies at every point of what is varied. 4: a point failed."""
    from sim.cli import sweeping

    if clear_cache:
        sweeping.clear_cache()
    if scenario is None:
        if clear_cache:
            return GOOD
        raise Refused("Missing argument 'SCENARIO'; see 'bindsim sweep --help'")
    order = sweeping.SweepOrder(
        arguments=context.obj, overrides=overrides or [], vary=vary or [], strategies=strategies,
        replications=replications, precision=precision, seed=seed, metric=metric, workers=workers, scheduler=scheduler,
        shard=shard, cache=cache, trajectories=trajectories, factor=factor, output=output, force=force, json=json,
    )  # fmt: skip
    if not screen and (trajectories is not None or factor is not None):
        raise Refused("--trajectories and --factor go with --screen")
    return sweeping.screen_all(scenario, order) if screen else sweeping.sweep_all(scenario, order)


@app.command()
def merge(
    context: typer.Context, folders: Shards, *, output: Output = None, force: Force = False, json: Json = False
) -> Status:
    """Make the whole of the shards of a sweep: the same as the sweep in one piece."""
    from sim.cli.sweeping import SweepOrder, merge_all

    return merge_all(folders, SweepOrder(arguments=context.obj, output=output, force=force, json=json))
