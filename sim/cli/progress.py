"""The progress bar: simulated time, operations a second, time left. On standard error, and only on a terminal.

sim.cli.running shows one for each experiment.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from sim.experiment import OnProgress
from sim.experiment import Progress as Reading
from sim.experiment.sweeps import SweepProgress


@contextmanager
def shown_progress(title: str) -> Iterator[OnProgress | None]:
    """A listener that draws a bar until the block ends; None where nobody would see it."""
    if not sys.stderr.isatty():
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=20), TextColumn("{task.fields[reading]}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=1.0, reading="")
        yield lambda reading: _draw(progress, task, reading)


def _draw(progress: Progress, task: TaskID, reading: Reading) -> None:
    progress.update(task, completed=reading.share, reading=in_words(reading))


def in_words(reading: Reading) -> str:
    """The reading in one line."""
    left = "" if reading.left_s is None else f", {_clock(reading.left_s)} left"
    if isinstance(reading, SweepProgress):
        failed = f", {reading.failures} failed" if reading.failures else ""
        return f"{reading.points_done}/{reading.points} points{failed}, {_replications(reading)}{left}"
    if not reading.virtual_s:  # tasks that do not tell how far they are
        return f"{_replications(reading)}{left}"
    return (
        f"{reading.replications_done}/{reading.replications}, {reading.virtual_s:,.0f} s simulated, "
        f"{reading.operations_per_s:,.0f} operations/s{left}"
    )


def _replications(reading: Reading) -> str:
    return f"{reading.replications_done}/{reading.replications} runs, {reading.replications_per_s:.1f}/s"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
