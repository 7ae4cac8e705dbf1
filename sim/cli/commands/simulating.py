"""run and compare. sim.cli.running does the work."""

import typer

from sim.cli.app import app
from sim.cli.options import (
    Force,
    History,
    Json,
    Name,
    Names,
    Output,
    Overrides,
    Replication,
    Replications,
    Seed,
    Strategies,
    Strategy,
    Verify,
    Workers,
)
from sim.cli.status import Status


@app.command()
def run(
    context: typer.Context,
    scenario: Name,
    *,
    strategy: Strategy = None,
    seed: Seed = 1,
    replication: Replication = 0,
    overrides: Overrides = None,
    history: History = False,
    verify: Verify = False,
    output: Output = None,
    force: Force = False,
    json: Json = False,
) -> Status:
    """Run one strategy of a scenario once, and print its metrics."""
    from sim.cli.running import Order, run_once

    order = Order(
        context.obj, overrides or [], seed=seed, output=output, force=force, json=json,
        first_replication=replication, history=history, verify=verify,
    )  # fmt: skip
    return run_once(scenario, strategy, order)


@app.command()
def compare(
    context: typer.Context,
    scenarios: Names = None,
    *,
    strategies: Strategies = None,
    replications: Replications = 10,
    seed: Seed = 1,
    overrides: Overrides = None,
    workers: Workers = None,
    history: History = False,
    verify: Verify = False,
    output: Output = None,
    force: Force = False,
    json: Json = False,
) -> Status:
    """Compare the strategies of scenarios over paired replications, with a verdict and a table for each."""
    from sim.cli.running import Order, compare_all

    order = Order(
        context.obj, overrides or [], seed=seed, output=output, force=force, json=json,
        replications=replications, workers=workers, history=history, verify=verify,
    )  # fmt: skip
    return compare_all(scenarios or [], strategies.split(",") if strategies is not None else None, order)
