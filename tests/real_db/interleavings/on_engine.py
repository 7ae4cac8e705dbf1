"""Plays scripts on a real engine: one thread and one connection a session, told what to do step by step.

Whether a session that has not answered waits for a lock, and for whom, is asked of the server (watching.py).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from queue import SimpleQueue
from threading import Event, Thread
from time import monotonic
from types import TracebackType
from typing import Any, Self, cast

from sqlalchemy import Engine, event, text

from core import schema
from core.database import Connection
from core.engine import EngineConnections
from sim.servers import RunDatabase, ServerAddress
from tests.interleavings.on_model import carry_out
from tests.interleavings.playing import ENDS, play
from tests.interleavings.script import Script
from tests.interleavings.vocabulary import Act
from tests.interleavings.waiting import circle
from tests.interleavings.world import Rows, initial_rows, queries
from tests.real_db.interleavings.watching import Watch, watch_of

DEADLINE_S = 30.0  # for one step; nothing takes so long
POLL_S = 0.002


class EnginePlayer:
    """Plays any number of scripts, one after the other, in the schema that the engines' connections work in.

    `settings` are statements for each session when it connects.
    """

    def __init__(self, make_engine: Callable[[], Engine], *, settings: Sequence[str] = ()) -> None:
        self._settings = settings
        self.engine = make_engine()
        self._watch = watch_of(self.engine)
        self._plain = self._sessions_of(make_engine(), with_timeout=False)
        self._hasty = self._sessions_of(make_engine(), with_timeout=True)
        EngineConnections(self.engine).create_tables()

    def _sessions_of(self, engine: Engine, *, with_timeout: bool) -> Engine:
        @event.listens_for(engine, "connect")
        def _on_connect(connection: Any, _record: object) -> None:
            with connection.cursor() as cursor:
                for setting in [*self._watch.settings(with_timeout=with_timeout), *self._settings]:
                    cursor.execute(setting)
            connection.commit()

        return engine

    def play(self, script: Script) -> list[str]:
        """The event log of one script, from the initial rows on."""
        reset(self.engine)
        self._watch.prepare()
        engine = self._hasty if script.lock_wait_timeout else self._plain
        try:
            with EngineSessions(engine, self._watch, script.sessions) as sessions:
                return play(script, sessions)
        finally:
            self._watch.let_purge()

    def close(self) -> None:
        """Ends all connections and drops the tables."""
        self._watch.close()
        schema.metadata.drop_all(self.engine)
        for engine in (self.engine, self._plain, self._hasty):
            engine.dispose()


TRIES = 20  # plays of a script of which an engine leaves something to chance


def played_as(player: EnginePlayer, script: Script, wanted: list[str] | None) -> list[str]:
    """The log of a play that comes out as is wanted, if one of a few does; else that of the last one.

    Under load also what is no matter of chance may come out otherwise once, such as who of two is woken first.
    """
    for _ in range(TRIES):
        log = player.play(script)
        if wanted is None or log == wanted:
            break
    return log


def superuser_of(database: RunDatabase) -> ServerAddress:
    """The schema for who may see every session and change a session's settings."""
    return replace(database.address, url=database._administrator.url)


def reset(engine: Engine) -> None:
    """The initial rows and no others."""
    with engine.begin() as connection:
        for table in reversed(schema.metadata.sorted_tables):
            connection.execute(table.delete())
        for table, rows in initial_rows():
            connection.execute(table.insert(), rows)
    if engine.dialect.name != "postgresql":
        with engine.begin() as connection:  # rows that were deleted are still in the index, and locked, until purged
            connection.execute(text("SET GLOBAL innodb_max_purge_lag_wait = 0"))


class EngineSessions:
    """The sessions of one script on one engine."""

    def __init__(self, engine: Engine, watch: Watch, names: list[str]) -> None:
        self._engine = engine
        self._watch = watch
        self._news = Event()
        self._circle: dict[str, set[str]] | None = None
        connect = EngineConnections(engine)
        self._sessions = {name: _Session(connect, watch.number_of, self._news) for name in names}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._watch.cut([session.number for session in self._sessions.values()])
        for session in self._sessions.values():
            session.end()

    def tell(self, session: str, what: Act | str) -> None:
        self._sessions[session].tell(what)

    def settled(self, *, until_answer_of: str | None = None) -> Mapping[str, set[str]]:
        deadline_s = monotonic() + DEADLINE_S
        while monotonic() < deadline_s:
            self._news.clear()
            busy = {session.number: name for name, session in self._sessions.items() if session.answer is None}
            if not busy:
                return {}
            if until_answer_of not in busy.values():
                waits = self._waits(busy)
                if waits is not None and not self._news.is_set():
                    return waits
            self._news.wait(POLL_S)
        raise TimeoutError(f"{', '.join(busy.values())}: no answer and no lock wait within {DEADLINE_S:g} s")

    def _waits(self, busy: dict[int, str]) -> dict[str, set[str]] | None:
        """Whom each of these waits for; None while one of them may still go on."""
        numbers = self._watch.waits(list(busy))
        if numbers is None or set(numbers) != set(busy):
            return None
        names = {session.number: name for name, session in self._sessions.items()}
        waits = {names[waiter]: {names[blocker] for blocker in blockers} for waiter, blockers in numbers.items()}
        seen, self._circle = self._circle, waits if circle(waits) else None
        stands = self._circle is None or self._circle == seen  # an engine may leave a circle for later
        return waits if stands and all(waits.values()) else None

    def answers(self) -> dict[str, str]:
        answered = {name: session.take_answer() for name, session in sorted(self._sessions.items())}
        return {name: answer for name, answer in answered.items() if answer is not None}

    def has_open_transaction(self, session: str) -> bool:
        return self._sessions[session].is_open

    def rows(self) -> Rows:
        with self._engine.connect() as connection:
            return {name: [tuple(row) for row in connection.execute(query)] for name, query in queries().items()}


_NOTHING = ""


class _Session:
    """A thread that does what it is told, one statement at a time. `number` is the server's name for it."""

    def __init__(self, connect: EngineConnections, number_of: Callable[[Any], int], news: Event) -> None:
        self._connect = connect
        self._number_of = number_of
        self._connection = self._connected()
        self._news = news
        self._told: SimpleQueue[Act | str | None] = SimpleQueue()
        self.answer: str | None = _NOTHING
        self.is_open = False
        self._thread = Thread(target=self._live, name=f"session {self.number}", daemon=True)
        self._thread.start()

    def tell(self, what: Act | str) -> None:
        self.answer = None
        self.is_open = what not in ENDS
        self._told.put(what)

    def take_answer(self) -> str | None:
        answer = self.answer
        if answer:
            self.answer = _NOTHING
            self.is_open = self.is_open and not answer.endswith("rolled back")
        return answer or None

    def end(self) -> None:
        self._told.put(None)
        self._thread.join(DEADLINE_S)
        self._connection.rollback()
        self._connection.close()

    def _connected(self) -> Connection:
        """As in the core each transaction has a connection of the pool to itself."""
        connection: Any = self._connect()
        self.number = self._number_of(connection.dbapi_connection)
        return cast(Connection, connection)

    def _live(self) -> None:
        while (what := self._told.get()) is not None:
            answer = carry_out(self._connection, what)
            if what in ENDS or answer.endswith("rolled back"):
                self._connection.close()
                self._connection = self._connected()
            self.answer = answer
            self._news.set()
