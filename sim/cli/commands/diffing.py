"""diff. sim.cli.diffing does the work."""

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.app import app
from sim.cli.options import Json, Workers
from sim.cli.status import Status


@app.command("diff")
def diff_command(
    before: Annotated[Path, typer.Argument(metavar="A", help="The result before.")],
    after: Annotated[Path, typer.Argument(metavar="B", help="The result after.")],
    *,
    metrics: Annotated[
        list[str] | None, typer.Option("--metric", metavar="NAME", help="This metric only; repeatable.")
    ] = None,
    noise: Annotated[
        Path | None, typer.Option("--noise", metavar="DIR", help="A result with a strategy compared with itself.")
    ] = None,
    noise_runs: Annotated[
        int | None, typer.Option("--noise-runs", metavar="N", min=5, max=100_000, help="Make N such pairs of A now.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Show what did not change too.")] = False,
    fail_on_regression: Annotated[
        bool, typer.Option("--fail-on-regression", help="Exit status 1 when something changed for the worse.")
    ] = False,
    workers: Workers = None,
    json: Json = False,
) -> Status:
    """Tell what changed between two saved results: scenario, code, and results beyond the noise."""
    from sim.cli.diffing import DiffOrder, diff_folders

    return diff_folders(
        DiffOrder(
            before=before, after=after, metrics=metrics or [], noise=noise, noise_runs=noise_runs, every=every,
            fail_on_regression=fail_on_regression, json=json, workers=workers,
        )
    )  # fmt: skip
