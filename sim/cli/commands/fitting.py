"""fit. sim.cli.fitting does the work."""

from typing import Annotated

import typer

from sim.cli.app import app
from sim.cli.options import Json
from sim.cli.status import Status


@app.command("fit")
def fit_command(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="CSV", help="A file, gzip or not; '-' is standard input.")],
    *,
    column: Annotated[str, typer.Option("--column", metavar="C", help="The column that holds the values.")],
    where: Annotated[
        str, typer.Option("--where", metavar="EXPR", help='Which rows, as pandas writes it: "size > 2".')
    ] = "",
    unit: Annotated[str, typer.Option("--unit", metavar="s|ms|us", help="What the values are in.")] = "s",
    counts: Annotated[bool, typer.Option("--counts", help="Whole numbers, such as sizes of batches.")] = False,
    most: Annotated[int | None, typer.Option("--most", metavar="N", min=1, help="A larger count is N.")] = None,
    ranges: Annotated[
        str, typer.Option("--ranges", metavar="A..B,...", help="Counts that are one, their mean, if measured.")
    ] = "",
    bootstrap: Annotated[
        int, typer.Option("--bootstrap", metavar="N", min=0, max=10_000, help="Samples for the p-value of KS.")
    ] = 0,
    json: Json = False,
) -> Status:
    """Fit the distributions of scenarios to a column of data, and print the YAML of the best."""
    from sim.cli.fitting import FitOrder, fit_file

    return fit_file(
        FitOrder(
            arguments=context.obj, file=file, column=column, where=where, unit=unit, counts=counts, most=most,
            ranges=ranges, bootstrap=bootstrap, json=json,
        )
    )  # fmt: skip
