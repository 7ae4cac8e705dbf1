"""What the modelled server knows of one open transaction: its locks, its writes, what it waits for, how it ended.

Made by a connection at its first statement; locks.py and storage.py keep their own parts of it up to date. It decides
nothing itself.
"""

from typing import TYPE_CHECKING, Any

from sim.kernel import Process

if TYPE_CHECKING:
    from sim.database.compiled import CompiledStatement
    from sim.database.locks import LockRequest

Key = tuple[str, Any]
"""A row or a unique key value: the lock space, and the value (a tuple where the key has several columns)."""

SHARED, WATCHING, UPDATING, EXCLUSIVE = 0, 1, 2, 3
"""Lock modes, each stronger than the one before. EXCLUSIVE conflicts with all, UPDATING with all but SHARED.

UPDATING is for a row of which only columns are changed that nobody refers to (PostgreSQL's FOR NO KEY UPDATE). WATCHING
is had for an instant only: to wait until nobody changes a row."""

OPEN = "open"
COMMITTED = "committed"
ROLLED_BACK = "rolled_back"
ABORTED = "aborted"  # by a statement that failed; the client has yet to roll back
LOST = "lost"  # with the server that died; the client has yet to find out
BRUTE_FORCED = "brute_force"  # by a commit of another node; the client has yet to find out


class ServerTransaction:
    """One transaction on the server.

    `owner` is the API process (whatever object the pool was made with), `process` the worker, `operation` the one in
    progress when it began (-1: none), `number` counts transactions of the database from 0. `state` is 'open',
    'committed', 'rolled_back', or what ended it: 'deadlock', 'timeout', 'died', 'aborted', 'fault', 'lost'.
    """

    __slots__ = (
        "began_us",
        "held",
        "lock_wait_us",
        "log",
        "number",
        "operation",
        "owner",
        "process",
        "rows_changed",
        "state",
        "waiting",
        "written",
    )

    def __init__(self, number: int, *, owner: Any = None, process: Process | None = None, began_us: int = 0) -> None:
        self.number = number
        self.owner = owner
        self.process = process
        self.operation = -1 if process is None else process.operation
        self.began_us = began_us
        self.state = OPEN
        self.held: dict[Key, int] = {}  # lock table: key -> mode
        self.waiting: LockRequest | None = None
        self.log: list[tuple[CompiledStatement, tuple[Any, ...], int]] = []  # storage: what to replay
        self.written: dict[Key, bool] = {}  # storage: rows that only it sees changed; whether it inserted them
        self.rows_changed = 0
        self.lock_wait_us = 0

    def __repr__(self) -> str:
        return f"<transaction {self.number} of operation {self.operation}, {self.state}>"
