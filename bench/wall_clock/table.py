"""The printed text: what was measured, under which conditions, in at most 80 columns."""

import os
import platform
from statistics import median
from typing import NamedTuple

from sqlalchemy import __version__ as sqlalchemy_version

from bench.rounds import Timings, paired_ratios, rate
from bench.verdicts import Target, Verdict
from bench.wall_clock.comparison import BARE, CORE, ENGINE, POOLED
from bench.wall_clock.load import Shape

LIMIT = 0.85  # of the loop's throughput: issue 5


class Measured(NamedTuple):
    """What was found on one server, called so, that waits for the disk at each commit or not."""

    kind: str
    version: str
    durable: bool
    statements: int
    transactions: int
    timings: Timings

    def verdict(self) -> Verdict:
        """The engine's throughput as a share of that of the loop with SQLAlchemy's pool."""
        name = f"wall_clock_over_loop_{self.kind}{'' if self.durable else '_without_disk'}"
        return Target(name, ">=", LIMIT).verdict(median(_speeds(self.timings, POOLED)))


def _speeds(timings: Timings, other: str) -> list[float]:
    """The engine's throughput over the other's, round by round."""
    return paired_ratios(timings, other, ENGINE)


def _share_of_core(timings: Timings) -> float:
    """What the core's own computing leaves of the loop's throughput: no engine around it can reach more."""
    return median(paired_ratios(timings, POOLED, CORE))


def header(shape: Shape, rounds: int) -> str:
    """Definitions and conditions."""
    return f"""\
An operation is one API operation: a port is created and bound, read, deleted.
Strategy deferred, a driver without remote calls, {shape.processes} processes with {shape.threads}
threads, {shape.clients} clients without pauses, {shape.operations:,} operations a round, no history.
Wall time, {os.cpu_count()} cores for everything; programs in turn, {rounds} rounds, medians of the
rounds' ratios, lowest and highest in brackets.
Python {platform.python_version()}, SQLAlchemy {sqlalchemy_version}.
"""


def measured_table(found: Measured, shape: Shape) -> str:
    """Rates and ratios of one server."""
    disk = "waits for the disk" if found.durable else "does not wait for the disk"
    each, transactions = (count / shape.operations for count in (found.statements, found.transactions))
    rows = [
        f"{found.version}, {disk};",
        f"{each:.2f} statements in {transactions:.2f} transactions an operation.",
        f"{'':<34}{'a second':>10}{'engine is':>12}",
        f"{'engine':<34}{rate(found.timings, ENGINE):>10,.0f}",
        _row("the core alone, in a loop", found.timings, CORE),
        _row("its statements by SQLAlchemy's pool", found.timings, POOLED),
        _row("its statements by the driver alone", found.timings, BARE),
        f"The core alone reaches {_share_of_core(found.timings):.3f} of the loop with SQLAlchemy's pool.",
        "",
    ]
    return "\n".join(rows)


def _row(label: str, timings: Timings, name: str) -> str:
    speeds = _speeds(timings, name)
    spread = f"({min(speeds):.2f} to {max(speeds):.2f})"
    return f"{label:<34}{rate(timings, name):>10,.0f}{median(speeds):>12.3f} times {spread}"
