"""plan. sim.cli.planning does the work."""

from typing import Annotated

import typer

from sim.cli.app import app
from sim.cli.options import Force, Json, Output, Overrides, Strategies, Workers
from sim.cli.status import Status


@app.command()
def plan(
    context: typer.Context,
    scenario: Annotated[
        str, typer.Argument(metavar="SCENARIO", help="A file or name of a scenario, or of an experiment of kind plan.")
    ],
    *,
    slo: Annotated[
        list[str] | None,
        typer.Option(
            "--slo",
            metavar="OBJECTIVE",
            help='Must hold, such as "latency_s.create_port.p95 < 5"; repeatable; default: the thresholds.',
        ),
    ] = None,
    scale: Annotated[
        str | None,
        typer.Option("--scale", metavar="PATH", help="Which load; default: what is usual for the arrivals."),
    ] = None,
    vary: Annotated[
        list[str] | None,
        typer.Option("--vary", metavar="PATH=V1,V2,...", help="What other sizes carry; repeatable: a grid."),
    ] = None,
    rate: Annotated[
        float | None, typer.Option("--rate", metavar="R", help="Ask for the smallest size that carries this load.")
    ] = None,
    headroom: Annotated[
        float | None, typer.Option("--headroom", metavar="H", help="Share on top of --rate; default: 0.3.")
    ] = None,
    strategies: Strategies = None,
    replications: Annotated[
        int | None,
        typer.Option("--replications", metavar="N", min=1, max=100_000, help="Of each search; default: 10."),
    ] = None,
    precision: Annotated[
        float | None,
        typer.Option("--precision", metavar="P", help="Go on until the loads are known to this share."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", min=0, max=2**63 - 1, help="The one seed; default: 1.")
    ] = None,
    overrides: Overrides = None,
    workers: Workers = None,
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", metavar="tcp://HOST:PORT", help="Run on the workers of a Dask cluster.")
    ] = None,
    cache: Annotated[bool, typer.Option("--cache/--no-cache", help="Take from the cache what was run before.")] = True,
    output: Output = None,
    force: Force = False,
    json: Json = False,
) -> Status:
    """Find the highest load that meets objectives, what limits it, or the smallest size that carries a load."""
    from sim.cli.planning import PlanOrder, plan_all

    return plan_all(
        scenario,
        PlanOrder(
            arguments=context.obj, overrides=overrides or [], slo=slo or [], scale=scale, vary=vary or [], rate=rate,
            headroom=headroom, strategies=strategies, replications=replications, precision=precision, seed=seed,
            workers=workers, scheduler=scheduler, cache=cache, output=output, force=force, json=json,
        ),
    )  # fmt: skip
