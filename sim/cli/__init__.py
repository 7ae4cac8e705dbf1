"""The command line: `bindsim`. The only entry is `main`; the commands are in sim.cli.commands.

It reads arguments, calls sim.experiment, and prints; whatever can be computed without a terminal is computed elsewhere.
Results go to standard output, progress and complaints to standard error.
"""

from sim.cli.entry import main

__all__ = ["main"]
