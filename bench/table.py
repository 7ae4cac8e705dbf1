"""The printed text: what was measured, under which conditions, in at most 80 columns."""

import gc
import platform
import sqlite3
from statistics import median

from sqlalchemy import __version__ as sqlalchemy_version

from bench.comparison import ORM, SIMPY, SIMULATOR, SQLITE
from bench.growth import AGAIN, LONG, SHORT
from bench.rounds import Timings, paired_ratios, rate
from bench.simulated import Facts
from bench.sizes import Sizes


def header(sizes: Sizes, core: int | None) -> str:
    """Definitions and conditions."""
    where = "no fixed core" if core is None else f"core {core} alone"
    return f"""\
An operation is one API operation, a row of the run's table `operations`:
half of them create a port and bind it, half delete it. Strategy deferred,
profile innodb, 4 processes with 25 threads, 100 clients without pauses,
{sizes.live_ports:,} live ports.
Wall time, one thread, {where}; programs in turn, {sizes.rounds} rounds, medians of the
rounds' ratios. The garbage collector is {"on" if gc.isenabled() else "off"}; the simulator lets it work less.
Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, SQLAlchemy {sqlalchemy_version}.
"""


def comparison_table(facts: Facts, timings: Timings) -> str:
    """Rates and ratios."""
    rows = [
        f"{'':<44}{'a second':>12}{'simulator is':>16}",
        _row(f"simulator, {facts.operations:,} operations", timings, SIMULATOR, digits=0),
        _row("(a) its SQL in a bare sqlite3 loop", timings, SQLITE, digits=3),
        _row("(b) the same as an ORM loop", timings, ORM, digits=1),
        _events_row(facts, timings),
        "",
        f"{facts.statements / facts.operations:.2f} SQL statements an operation (BEGIN and COMMIT not counted),",
        f"{facts.replayed / facts.operations:.2f} replayed by the storage. "
        f"Left out of (a): {facts.dropped} of rolled-back transactions.",
    ]
    return "\n".join(rows)


def _row(label: str, timings: Timings, name: str, *, digits: int) -> str:
    ratio = "" if name == SIMULATOR else f"{median(paired_ratios(timings, name, SIMULATOR)):.{digits}f} times"
    return f"{label:<44}{rate(timings, name):>12,.0f}{ratio:>16}"


def _events_row(facts: Facts, timings: Timings) -> str:
    """SimPy's unit is an event: its rate is turned into runs of as many events."""
    each = facts.events / facts.operations
    share = median(paired_ratios(timings, SIMPY, SIMULATOR)) * each
    label = f"(c) SimPy alone, {each:.1f} events an operation"
    return f"{label:<44}{rate(timings, SIMPY) / each:>12,.0f}{share:>10.3f} times"


def growth_table(sizes: Sizes, timings: Timings) -> str:
    """Cost an operation in a short and in a long run."""
    short_us, long_us = (median(times) * 1e6 for times in (timings[SHORT] + timings[AGAIN], timings[LONG]))
    return (
        f"\nAn operation costs {short_us:.1f} us in a run of {sizes.operations:,}, "
        f"{long_us:.1f} us in one of {sizes.long_operations:,}."
    )


def memory_table(sizes: Sizes, peak_gb: float) -> str:
    """Peak memory."""
    return f"Peak memory of a run of {sizes.memory_operations:,} operations: {peak_gb:.2f} GB."
