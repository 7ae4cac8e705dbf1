"""A schema of ours on somebody's server: made for the run, gone afterwards, and nothing of anybody else's touched."""

import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, NullPool, create_engine

from core import statements
from core.engine import EngineConnections
from sim.servers import RunDatabase, ServerAddress, ServerError, opened
from tests.real_db.servers.other_process import other_process

pytestmark = pytest.mark.databases

LISTED = {"postgresql": "SELECT nspname FROM pg_namespace", "mariadb": "SHOW DATABASES"}
LOOK_ALIKES = ("bindsim_", "bindsim_mine", "bindsim_20260101t000000_1_abcdef01x", "neutron")


@contextmanager
def pooled(run: RunDatabase) -> Iterator[EngineConnections]:
    """The core's connections in a run's schema, with tables."""
    engine = run.engine()
    connections = EngineConnections(engine)
    connections.create_tables()
    yield connections
    engine.dispose()


class Theirs:
    """Somebody's server: what its superuser sees and does."""

    def __init__(self, database: RunDatabase) -> None:
        self.kind = database.kind
        self.url = database._administrator.url
        self.user_url = database.address.url
        self._engine: Engine = create_engine(self.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")

    def ask(self, query: str) -> list[Any]:
        """The first column."""
        with self._engine.connect() as connection:
            found = connection.exec_driver_sql(query)
            return [row[0] for row in found] if found.returns_rows else []

    def schemas(self) -> set[str]:
        """All of the server."""
        return set(self.ask(LISTED[self.kind]))

    def make(self, name: str) -> None:
        """A schema with a table."""
        self.ask(f"CREATE SCHEMA {name}")
        self.ask(f"CREATE TABLE {name}.t (a int)")

    def drop(self, name: str) -> None:
        """With all in it."""
        self.ask(f"DROP SCHEMA IF EXISTS {name} {'CASCADE' if self.kind == 'postgresql' else ''}")


@pytest.fixture
def theirs(database: RunDatabase) -> Theirs:
    """The shared private server as if it were somebody's."""
    return Theirs(database)


@pytest.fixture
def made(theirs: Theirs) -> Iterator[Callable[[str], str]]:
    """Makes schemas of the server's owner; they go with the test."""
    names: list[str] = []

    def make(name: str) -> str:
        theirs.make(name)
        names.append(name)
        return name

    yield make
    for name in names:
        theirs.drop(name)


def test_a_schema_is_there_for_the_run_only(theirs: Theirs) -> None:
    before = theirs.schemas()
    with opened(theirs.url) as ours:
        assert (ours.kind, ours.is_private) == (theirs.kind, False)
        assert theirs.schemas() == before | {ours.name}
        with pooled(ours), pytest.raises(ServerError, match="is no private server of this run"):
            ours.restart()
    assert theirs.schemas() == before


def test_a_run_as_a_plain_user_of_the_server_works_too(theirs: Theirs) -> None:
    before = theirs.schemas()
    with opened(theirs.user_url) as ours, pooled(ours) as connections, closing(connections()) as connection:
        connection.execute(statements.NETWORK_INSERT, {"id": "n", "name": ""})
        if theirs.kind == "postgresql":
            assert ours.locks() > 0
        else:
            with pytest.raises(ServerError, match=r"refuses what it was asked: .*PROCESS privilege"):
                ours.locks()
        assert len(ours.sessions()) == 1
        ours.cut(ours.sessions())
        assert ours.sessions() == []
    assert theirs.schemas() == before


def test_sessions_that_are_still_open_do_not_keep_it(theirs: Theirs) -> None:
    before = theirs.schemas()
    with ExitStack() as stack:
        with opened(theirs.url) as ours:
            connections = stack.enter_context(pooled(ours))
            held = stack.enter_context(closing(connections()))
            held.execute(statements.NETWORK_INSERT, {"id": "n", "name": ""})
            assert len(ours.sessions()) == 1
        assert theirs.schemas() == before


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 0), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_run_that_is_interrupted_leaves_nothing(theirs: Theirs, number: signal.Signals, status: int) -> None:
    before = theirs.schemas()
    with other_process(theirs.url) as other:
        assert other.name in theirs.schemas()
        assert other.ended_by(number) == status
    assert theirs.schemas() == before


def test_what_a_killed_run_leaves_is_removed_by_the_next_run_on_that_server(theirs: Theirs) -> None:
    with other_process(theirs.url) as other:
        other.ended_by(signal.SIGKILL)
        assert other.name in theirs.schemas()
    with opened(theirs.url):
        assert other.name not in theirs.schemas()


def test_the_schema_of_a_run_that_lives_stays(theirs: Theirs) -> None:
    with other_process(theirs.url) as other:
        with opened(theirs.url) as ours:
            assert {other.name, ours.name} <= theirs.schemas()
        assert other.name in theirs.schemas()


def test_what_is_not_named_like_a_runs_schema_is_never_touched(theirs: Theirs, made: Callable[[str], str]) -> None:
    names = {made(name) for name in LOOK_ALIKES}
    with opened(theirs.url):
        pass
    assert names <= theirs.schemas()
    assert all(theirs.ask(f"SELECT count(*) FROM {name}.t") == [0] for name in names)


def test_a_schema_in_which_somebody_works_stays_even_if_its_owner_is_gone(
    theirs: Theirs, made: Callable[[str], str]
) -> None:
    name = made("bindsim_20260101t000000_1_abcdef01")
    address = ServerAddress(url=theirs.url, kind=theirs.kind, schema=name, isolation="read_committed")
    engine = address.engine()
    with closing(engine.raw_connection()), opened(theirs.url):
        assert name in theirs.schemas()
    engine.dispose()
    with opened(theirs.url):
        assert name not in theirs.schemas()


def test_only_sessions_and_locks_of_the_run_are_seen_and_cut(theirs: Theirs) -> None:
    with ExitStack() as stack:
        ours, another = (stack.enter_context(opened(theirs.url)) for _ in range(2))
        held = []
        for run in (ours, another):
            connections = stack.enter_context(pooled(run))
            held.append(stack.enter_context(closing(connections())))
            held[-1].execute(statements.NETWORK_INSERT, {"id": "n", "name": ""})
        assert set(ours.sessions()).isdisjoint(another.sessions())
        assert ours.locks() > 0
        ours.cut(ours.sessions())
        assert (ours.sessions(), ours.locks()) == ([], 0)
        assert another.locks() > 0
        held[1].commit()
        assert another.locks() == 0


def test_a_lock_that_is_waited_for_counts(theirs: Theirs) -> None:
    with opened(theirs.url) as ours, pooled(ours) as connections, ThreadPoolExecutor() as pool:
        with closing(connections()) as holder, closing(connections()) as waiter:
            row = {"port_id": "p", "owner": "me", "expires_at": 1.0}
            holder.execute(statements.LEASE_INSERT, row)
            before = ours.locks()
            waiting = pool.submit(waiter.execute, statements.LEASE_LOCK, {"port_id": "p"})
            if theirs.kind == "mariadb":  # PostgreSQL's reader does not see a row that is not committed
                while ours.locks() <= before:
                    assert not waiting.done()
            holder.rollback()
            assert waiting.result(timeout=10).rows == []
            waiter.rollback()
        assert ours.locks() == 0


def test_who_may_not_make_a_schema_is_told(theirs: Theirs) -> None:
    if theirs.kind == "postgresql":
        theirs.ask("CREATE ROLE stranger LOGIN")
    else:
        theirs.ask("CREATE USER stranger@localhost IDENTIFIED BY 'secret'")
    try:
        url = theirs.user_url.replace("bindsim@", "stranger:secret@")
        told = r"stranger:\*\*\*@.* refuses what it was asked: .*denied.*; the user needs the right to make a"
        with pytest.raises(ServerError, match=told), opened(url):
            pass
    finally:
        theirs.ask("DROP ROLE stranger" if theirs.kind == "postgresql" else "DROP USER stranger@localhost")


def test_a_wrong_user_and_a_wrong_database_are_told_with_the_url(theirs: Theirs) -> None:
    url = theirs.user_url.replace("bindsim@", "stranger:secret@")
    with (
        pytest.raises(ServerError, match=r"^cannot connect to .*stranger:\*\*\*@.*: .*(not exist|denied)"),
        opened(url),
    ):
        pass
