"""The database engines that the model can be: who loses a deadlock, how long a lock wait lasts, what an error ends.

Constants only; the server reads them. Adding an engine that differs in numbers alone means adding a Profile here.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How one engine treats conflicts. Times are microseconds of virtual time; None means never.

    `deadlock_delay_us` is how long a transaction waits for a lock before a deadlock is looked for; 0 looks at once.
    `smallest_is_victim`: the transaction of the cycle that changed the fewest rows loses (on a tie the one that asked
    last); otherwise the one whose search found the cycle. `error_aborts`: a statement that fails ends the whole
    transaction. `one_writer`: one lock for the whole database, taken by a transaction's first statement.

    Rows: `locks_what_it_sees`: a locking statement that finds no committed row locks none and waits for nobody, an
    insert only waits for the writers of its keys, and a child shares its parent's key, which an UPDATE of other columns
    leaves alone; otherwise the newest row is locked, whoever wrote it, and an insert shares the lock of a key that
    somebody holds, until it knows that the key is free. `overtakes`: a lock that the holders' locks allow is had at
    once, whoever waits for another of the same row; otherwise all requests for a row have their turns.
    """

    name: str
    deadlock_delay_us: int
    lock_wait_timeout_us: int | None
    smallest_is_victim: bool = False
    error_aborts: bool = False
    one_writer: bool = False
    locks_what_it_sees: bool = False
    overtakes: bool = False


INNODB = Profile(
    name="innodb",
    deadlock_delay_us=0,  # us; innodb_deadlock_detect is on: MySQL manual, 17.7.5.2 Deadlock Detection
    lock_wait_timeout_us=50_000_000,  # us; innodb_lock_wait_timeout, default 50 s: MySQL manual, 17.14
    smallest_is_victim=True,  # "tries to pick small transactions to roll back": MySQL manual, 17.7.5.2
)
"""A lock wait timeout ends the transaction here. InnoDB by default undoes only the statement, and the core then rolls
back: the difference is one round trip with the locks held."""

GALERA = replace(INNODB, name="galera")
"""Each node is an InnoDB of its own; what they are together is in sim/database/galera."""

POSTGRESQL = Profile(
    name="postgresql",
    deadlock_delay_us=1_000_000,  # us; deadlock_timeout, default 1 s: PostgreSQL manual, 20.12 Lock Management
    lock_wait_timeout_us=None,  # lock_timeout, default 0, which disables it: PostgreSQL manual, 20.11
    error_aborts=True,  # "current transaction is aborted": PostgreSQL manual, appendix A, 25P02
    locks_what_it_sees=True,  # PostgreSQL manual, 13.2.1 Read Committed, and 13.3.2 Row-Level Locks
    overtakes=True,  # who need not wait for a holder takes no place in the queue: heap_lock_tuple in heapam.c
)

SQLITE = Profile(
    name="sqlite",
    deadlock_delay_us=0,  # us; one lock cannot be waited for in a circle
    lock_wait_timeout_us=5_000_000,  # us; timeout of Python's sqlite3.connect, default 5 s: Python library reference
    one_writer=True,  # the core begins with BEGIN IMMEDIATE there: docs/design.md, SQL
)
"""SQLite's waiters poll, so that their order is chance; here they are served in order of arrival (assumption)."""

PROFILES = {profile.name: profile for profile in (INNODB, POSTGRESQL, GALERA, SQLITE)}
"""The profiles by the name that a scenario gives."""
