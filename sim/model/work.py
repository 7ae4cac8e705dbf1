"""What one flow of control is doing: its operation, the counters that draws are keyed by, and the time it has spent.

One `Work` a kernel process, used again for every operation. The runtime, the controllers and the recorder share it; it
knows none of them.
"""

from typing import TYPE_CHECKING, NamedTuple, Protocol

from core.database import Connection
from sim.kernel import OutsideProcess, Process, running

if TYPE_CHECKING:
    from sim.model.bindings import Computed

NO_OPERATION = -1
_WORK = "work"  # the key in a process's scratch


class NumberedTransaction(Protocol):
    """A transaction at the server."""

    @property
    def number(self) -> int:
        """Its number, one of its own in the whole run."""


class MeasuredConnection(Connection, Protocol):
    """One use of a pooled connection that knows what it cost; times in microseconds (sim.database.connection)."""

    @property
    def sql_us(self) -> int: ...
    @property
    def lock_wait_us(self) -> int: ...
    @property
    def pool_wait_us(self) -> int: ...
    @property
    def statements(self) -> int: ...
    @property
    def transaction(self) -> NumberedTransaction | None: ...


class OpenTransaction(NamedTuple):
    """A transaction since its BEGIN. Its connection knows what its statements cost."""

    name: int
    retry: int
    began_us: int
    connection: MeasuredConnection


class Work:
    """The present work of one kernel process.

    `key` names it in keyed draws: the operation's number, or a negative number of its own for background work.
    `driver_us` is the time of driver calls inside the open transactions, without SQL, one number a transaction.
    """

    __slots__ = (
        "attempt", "attempt_began_us", "attempt_reads", "calls", "client", "computed", "connection", "driver_calls",
        "driver_us", "key", "notified", "operation", "port", "transactions",
    )  # fmt: skip

    def __init__(self, key: int) -> None:
        self.key = key
        self.operation = NO_OPERATION
        self.port = -1
        self.client = -1
        self.notified = False  # the present operation has told an agent that its port has changed
        self.calls: dict[object, int] = {}
        self.computed: Computed | None = None
        self.connection: MeasuredConnection | None = None  # the last one it got
        self.transactions: list[OpenTransaction] = []
        self.driver_us: list[int] = []
        self.driver_calls: list[tuple[int, int]] = []  # (began_us, SQL of the open transaction until then)
        self.attempt_began_us = -1
        self.attempt_reads = False
        # A refused one: port, number, began_us, ended_us; and whether drivers had 'bound' the port or 'failed'.
        self.attempt: tuple[tuple[int, int, int, int], str] | None = None

    def begin(self, operation: int, port: int) -> None:
        """An operation of the load starts: its counters start at 0, whoever serves it."""
        self.key = self.operation = operation
        self.port = port
        self.notified = False
        self.calls.clear()
        self.computed = None

    def count(self, what: object) -> int:
        """How often this was asked for `what` since the operation began; counts this time from the next on."""
        nth = self.calls.get(what, 0)
        self.calls[what] = nth + 1
        return nth


def attach(process: Process, work: Work) -> None:
    """Makes `work` the work of a kernel process."""
    process.scratch[_WORK] = work


def work_of(process: Process) -> Work:
    """The work of a kernel process."""
    work: Work = process.scratch[_WORK]
    return work


def current_work() -> Work:
    """The work of the running process. Raises OutsideProcess where there is none."""
    try:
        work: Work = running().scratch[_WORK]  # type: ignore[attr-defined]  # what is no process has none
    except AttributeError:
        raise OutsideProcess from None
    return work
