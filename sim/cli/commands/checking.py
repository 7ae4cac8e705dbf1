"""verify, soak and properties. sim.cli.verifying and sim.cli.soaking do the work."""

from typing import Annotated

import typer

from sim.cli.app import app
from sim.cli.options import Folder, Json, Output, Seed
from sim.cli.status import Status


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
def properties(*, json: Json = False) -> None:
    """List the properties that --verify checks: what each means, and who promises it."""
    from sim.cli.verifying import print_properties

    print_properties(as_json=json)
