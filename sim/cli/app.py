"""The commands of `bindsim` and their options. Each body is one call into a module that is loaded only then.

sim.cli.entry runs the app. Nothing is computed here, and importing it loads no numerical library.
"""

import os
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.entry import DEBUG_VARIABLE
from sim.cli.status import INVALID, Status

app = typer.Typer(
    help="What a port binding strategy costs under load: simulation of ML2 port binding.",
    epilog=(
        "Exit status: 0 good, 1 a promise is broken, 2 invalid input, 3 inconclusive, 4 internal failure, "
        "130 interrupted."
    ),
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Name = Annotated[str, typer.Argument(metavar="SCENARIO", help="A file, or the name of a shipped scenario.")]
Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="SCENARIO", help="Files or names; none: the standard comparison and its map."),
]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Change a value, such as topology.tenants=10; repeatable."),
]
Seed = Annotated[int, typer.Option("--seed", metavar="N", min=0, max=2**63 - 1, help="The one seed of all draws.")]
Output = Annotated[
    Path | None, typer.Option("--output", metavar="DIR", help="Where results go; default: under results/local.")
]
Force = Annotated[bool, typer.Option("--force", help="Replace a different result that is there already.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Strategy = Annotated[
    str | None, typer.Option("--strategy", metavar="NAME", help="Which one; default: the scenario's first.")
]
Strategies = Annotated[
    str | None,
    typer.Option("--strategies", metavar="A,B,...", help="Which ones; the first is what others are compared with."),
]
Replications = Annotated[
    int, typer.Option("--replications", metavar="N", min=1, max=100_000, help="Replications of each strategy.")
]
Workers = Annotated[
    int | None, typer.Option("--workers", metavar="N", min=1, max=1024, help="Worker processes; default: all cores.")
]

History = Annotated[bool, typer.Option("--history", help="Keep with the results what `bindsim verify` checks.")]
Verify = Annotated[bool, typer.Option("--verify", help="Check what the strategies promise; see bindsim properties.")]
Replication = Annotated[
    int, typer.Option("--replication", metavar="N", min=0, max=2**31 - 1, help="Which replication of a comparison.")
]
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="A result that was made with --history.")]


@app.callback(invoke_without_command=True)
def _bindsim(
    context: typer.Context,
    *,
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Print the traceback of an internal failure.")] = False,
) -> None:
    if debug:
        os.environ[DEBUG_VARIABLE] = "1"
    if version:
        from importlib.metadata import version as installed

        typer.echo(f"bindsim {installed('bindsim')}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(INVALID)


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


@app.command()
def verify(folder: Folder, *, json: Json = False) -> Status:
    """Check every history in a result folder: what was promised, what was broken, and how it came about."""
    from sim.cli.verifying import verify_folder

    return verify_folder(folder, as_json=json)


@app.command("soak")
def soak_command(
    *,
    scenarios: Annotated[
        list[str] | None,
        typer.Option("--scenario", metavar="FILE", help="Soak this instead of drawn ones; repeatable."),
    ] = None,
    runs: Annotated[int | None, typer.Option("--runs", metavar="N", min=1, help="How many; default: 1000.")] = None,
    minutes: Annotated[
        float | None, typer.Option("--minutes", metavar="M", min=0.01, help="How long instead, wall-clock.")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", metavar="J", min=1, max=1024, help="Processes; default: all cores.")
    ] = None,
    seed: Seed = 1,
    run: Annotated[int | None, typer.Option("--run", metavar="K", min=0, help="Play and explain run K alone.")] = None,
    output: Output = None,
    json: Json = False,
) -> Status:
    """Play many small random faulty runs, check each, and shrink and explain what breaks a promise."""
    from sim.cli.soaking import SoakOrder, soak_once

    return soak_once(
        SoakOrder(
            scenarios=scenarios or [],
            runs=runs,
            minutes=minutes,
            jobs=jobs,
            seed=seed,
            run=run,
            output=output,
            json=json,
        )
    )


@app.command()
def inspect(scenario: Name, *, overrides: Overrides = None, json: Json = False) -> None:
    """Check a scenario and print it with all defaults filled in."""
    from sim.cli.looking import print_scenario

    print_scenario(scenario, overrides or [], as_json=json)


@app.command()
def scenarios(*, json: Json = False) -> None:
    """List the scenarios that can be named here, with the question that each answers."""
    from sim.cli.looking import print_scenarios

    print_scenarios(as_json=json)


@app.command()
def schema() -> None:
    """Print the JSON schema of scenario files."""
    from sim.cli.looking import print_schema

    print_schema()


@app.command()
def metrics(*, json: Json = False) -> None:
    """List the metrics: name, unit, better direction, definition."""
    from sim.cli.looking import print_metrics

    print_metrics(as_json=json)


@app.command()
def properties(*, json: Json = False) -> None:
    """List the properties that --verify checks: what each means, and who promises it."""
    from sim.cli.verifying import print_properties

    print_properties(as_json=json)
