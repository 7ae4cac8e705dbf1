"""The app `bindsim`: what every command has in common, and the modules that hold the commands.

sim.cli.entry runs it. Each module of sim.cli.commands registers its commands here; importing them loads no numerical
library.
"""

import os
from importlib import import_module
from typing import Annotated

import typer

from sim.cli.entry import DEBUG_VARIABLE
from sim.cli.status import INVALID

COMMANDS = (
    "simulating",
    "sweeping",
    "planning",
    "checking",
    "reporting",
    "exporting",
    "diffing",
    "fitting",
    "calibrating",
    "validating",
    "publishing",
    "looking",
)
"""The modules of sim.cli.commands, in the order in which --help lists what they hold."""

app = typer.Typer(
    help="What a port binding strategy costs under load: simulation of ML2 port binding.",
    epilog=(
        "Exit status: 0 good, 1 an objective is missed or a promise broken, 2 invalid input, 3 inconclusive, "
        "4 internal failure, 130 interrupted."
    ),
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


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


for _name in COMMANDS:
    import_module(f"sim.cli.commands.{_name}")
