"""Plays scripts on the modelled database: one simulated process a session, told what to do step by step."""

from types import TracebackType
from typing import Any, Self

from core.exceptions import CoreError, DatabaseConflict
from sim.database import ModelledDatabase, Pool, Profile, StoreMaker
from sim.database.locks import LockRequest
from sim.kernel import Kernel, Signal
from tests.interleavings.playing import play
from tests.interleavings.script import Script
from tests.interleavings.vocabulary import Act
from tests.interleavings.world import Rows, initial_rows, queries

STEP_US = 3_000_000  # between steps: longer than any profile's delay before it looks for a deadlock
LONG_US = 1_000_000_000


def play_on_model(script: Script, profile: Profile, storage: StoreMaker | None = None) -> list[str]:
    """The event log of the script under this profile."""
    with ModelSessions(profile, script.sessions, storage) as sessions:
        return play(script, sessions)


class ModelSessions:
    """Sessions of a modelled database without costs."""

    def __init__(self, profile: Profile, names: list[str], storage: StoreMaker | None = None) -> None:
        self._kernel = Kernel()
        self._database = ModelledDatabase(self._kernel, profile, lock_wait_timeout_us=LONG_US, storage=storage)
        for table, rows in initial_rows():
            self._database.load(table, rows)
        pool = self._database.pool()
        self._robots = {name: _Robot(self._kernel, pool, name) for name in names}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._kernel.close()
        self._database.storage.close()

    def tell(self, session: str, what: Act | str) -> None:
        self._robots[session].tell(what)

    def settled(self, *, until_answer_of: str | None = None) -> dict[str, set[str]]:
        span_us = STEP_US if until_answer_of is None else LONG_US
        self._kernel.run(until_us=self._kernel.now_us + span_us)
        waiting = self._database._waits.table.waiting()
        return {_name(request.transaction): self._blockers(request) for request in waiting}

    def _blockers(self, request: LockRequest) -> set[str]:
        """PostgreSQL waits for one of several holders after the other, and tells of that one."""
        blockers = list(self._database._waits.table.blockers(request))
        if self._database.profile.overtakes:
            holders = [blocker for blocker in blockers if request.key in blocker.held]
            blockers = [blocker for blocker in blockers if blocker not in holders[1:]]
        return {_name(blocker) for blocker in blockers}

    def answers(self) -> dict[str, str]:
        answered = {name: robot.take_answer() for name, robot in self._robots.items()}
        return {name: answer for name, answer in answered.items() if answer is not None}

    def has_open_transaction(self, session: str) -> bool:
        return self._robots[session].connection.transaction is not None

    def rows(self) -> Rows:
        return {name: self._database.committed(str(query)) for name, query in queries().items()}


def _name(transaction: Any) -> str:
    name: str = transaction.process.name
    return name


class _Robot:
    """A client process that does what it is told, one statement at a time."""

    def __init__(self, kernel: Kernel, pool: Pool, name: str) -> None:
        self.connection: Any = None
        self._pool = pool
        self._told: Act | str | None = None
        self._answer: str | None = None
        self._signal = Signal(kernel, name)
        kernel.start(self._live, name=name)
        kernel.run(until_us=kernel.now_us + 1)

    def tell(self, what: Act | str) -> None:
        self._told = what
        self._signal.pulse()

    def take_answer(self) -> str | None:
        answer, self._answer = self._answer, None
        return answer

    def _live(self) -> None:
        self.connection = self._pool.connect()
        while True:
            self._signal.wait("told")
            assert self._told is not None
            self._answer = carry_out(self.connection, self._told)


def carry_out(connection: Any, what: Act | str) -> str:
    """Rows, a number of rows, or the error. As the core does, it rolls back after a conflict."""
    try:
        if isinstance(what, str):
            (connection.commit if what == "commit" else connection.rollback)()
            return "done"
        return what.answer(connection.execute(what.statement, what.params))
    except DatabaseConflict as conflict:
        connection.rollback()
        return f"{type(conflict).__name__}, rolled back"
    except CoreError as error:
        return type(error).__name__
