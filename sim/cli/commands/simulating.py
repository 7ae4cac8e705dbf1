"""run and compare. sim.cli.running does the work."""

import typer

from sim.cli.app import app
from sim.cli.options import (
    DatabaseName,
    Duration,
    EngineName,
    Force,
    History,
    Json,
    Judge,
    Junit,
    Most,
    Name,
    Names,
    Output,
    Overrides,
    Pooled,
    PrecisionOf,
    PrecisionShare,
    Replication,
    Replications,
    Seed,
    Slo,
    StorageName,
    Strategies,
    Strategy,
    TimeScale,
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
    replications: Replications = None,
    precision: PrecisionShare = None,
    precision_of: PrecisionOf = None,
    most: Most = None,
    overrides: Overrides = None,
    workers: Workers = None,
    history: History = False,
    verify: Verify = False,
    slo: Slo = None,
    junit: Junit = None,
    engine: EngineName = "virtual",
    database: DatabaseName = None,
    duration: Duration = None,
    time_scale: TimeScale = 1.0,
    storage: StorageName = None,
    output: Output = None,
    force: Force = False,
    json: Json = False,
) -> Status:
    """Run one strategy of a scenario, once if nothing else is said, and print its metrics."""
    from sim.cli.engines import Engine
    from sim.cli.objectives import Demanded
    from sim.cli.replicating import Asked
    from sim.cli.running import Order, run_once

    order = Order(
        context.obj, overrides or [], seed=seed, output=output, force=force, json=json,
        first_replication=replication, workers=workers, history=history, verify=verify,
        asked=Asked(
            usual=1, replications=replications, precision=precision, precision_of=precision_of, most=most
        ),
        demanded=Demanded(slo=tuple(slo or ()), junit=junit),
        engine=Engine(name=engine, database=database, duration_s=duration, time_scale=time_scale, storage=storage),
    )  # fmt: skip
    return run_once(scenario, strategy, order)


@app.command()
def compare(
    context: typer.Context,
    scenarios: Names = None,
    *,
    strategies: Strategies = None,
    replications: Replications = None,
    precision: PrecisionShare = None,
    precision_of: PrecisionOf = None,
    most: Most = None,
    seed: Seed = 1,
    overrides: Overrides = None,
    workers: Workers = None,
    history: History = False,
    verify: Verify = False,
    pooled: Pooled = False,
    slo: Slo = None,
    judge: Judge = None,
    junit: Junit = None,
    engine: EngineName = "virtual",
    database: DatabaseName = None,
    duration: Duration = None,
    time_scale: TimeScale = 1.0,
    output: Output = None,
    force: Force = False,
    json: Json = False,
) -> Status:
    """Compare the strategies of scenarios over paired replications, with a verdict and a table for each."""
    from sim.cli.engines import Engine
    from sim.cli.objectives import Demanded
    from sim.cli.replicating import Asked
    from sim.cli.running import Order, compare_all

    order = Order(
        context.obj, overrides or [], seed=seed, output=output, force=force, json=json,
        workers=workers, history=history, verify=verify, pooled=pooled,
        asked=Asked(replications=replications, precision=precision, precision_of=precision_of, most=most),
        demanded=Demanded(slo=tuple(slo or ()), judge=judge, junit=junit),
        engine=Engine(name=engine, database=database, duration_s=duration, time_scale=time_scale),
    )  # fmt: skip
    return compare_all(scenarios or [], strategies.split(",") if strategies is not None else None, order)
