"""(a) The SQL of a simulated run and nothing else: its committed statements, in commit order, in a sqlite3 loop.

The floor: no simulator that really executes the core's SQL on SQLite can be faster than this.
"""

import sqlite3
from typing import Any, NamedTuple


class Recorded(NamedTuple):
    """One statement as SQLite gets it; `reads` when its rows are wanted, `changed` the rows it gave or changed."""

    sql: str
    arguments: tuple[Any, ...]
    reads: bool
    changed: int


BEGIN = Recorded("BEGIN", (), reads=False, changed=-1)
COMMIT = Recorded("COMMIT", (), reads=False, changed=-1)


def execute_all(connection: sqlite3.Connection, script: list[Recorded]) -> None:
    """Runs the script on one cursor."""
    execute = connection.cursor().execute
    for sql, arguments, reads, _ in script:
        if reads:
            execute(sql, arguments).fetchall()
        else:
            execute(sql, arguments)


def differing_counts(connection: sqlite3.Connection, script: list[Recorded]) -> int:
    """Runs the script; how many statements gave or changed another number of rows than in the simulated run."""
    execute = connection.cursor().execute
    differing = 0
    for sql, arguments, reads, changed in script:
        cursor = execute(sql, arguments)
        done = len(cursor.fetchall()) if reads else cursor.rowcount
        differing += done != changed
    return differing
