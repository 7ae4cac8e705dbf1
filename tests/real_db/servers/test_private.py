"""Private servers: started, stopped, started again, and gone with their owner, however it ends."""

import atexit
import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core import statements
from core.engine import EngineConnections
from sim.servers import PRIVATE, RunDatabase, ServerError, opened, private_postgresql
from sim.servers.folders import _servers_in, sweep
from tests.real_db.servers.other_process import Other, other_process

pytestmark = pytest.mark.databases


@pytest.fixture(params=PRIVATE)
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind of server that can be had here."""
    request.getfixturevalue(request.param)
    return str(request.param)


@pytest.fixture
def other(kind: str) -> Iterator[Other]:
    """Another bindsim with a private server."""
    with other_process(kind) as other:
        yield other


def folder_of(url: str) -> Path:
    """The folder of the server at a URL."""
    found = re.search(r"(?:host|unix_socket)=([^&]+)/data", url.replace("%2F", "/"))
    assert found
    return Path(found[1])


def folder(database: RunDatabase) -> Path:
    return folder_of(database.address.url)


def test_a_server_and_all_of_it_is_gone_afterwards(kind: str) -> None:
    with opened(kind, durable=False) as database:
        place = folder(database)
        assert database.is_private
        assert database.kind == kind
        assert re.fullmatch(r"(PostgreSQL|MariaDB) \d+\.[\d.]+", database.version)
        assert re.fullmatch(r"bindsim_private_\d{8}t\d{6}_\d+_[0-9a-f]{8}", database.name)
        assert len(_servers_in(place)) == 1
    assert not place.exists()
    assert _servers_in(place) == []


def test_it_is_gone_after_an_error_too(kind: str) -> None:
    places = []
    with pytest.raises(ZeroDivisionError), opened(kind, durable=False) as database:
        places.append(folder(database) / str(1 // len(places)))
    place = folder(database)
    assert not place.exists()
    assert _servers_in(place) == []


@pytest.mark.parametrize("crash", [False, True], ids=["stopped", "crashed"])
def test_a_durable_server_keeps_what_was_committed_when_it_starts_again(kind: str, crash: bool) -> None:
    with opened(kind) as database:
        engine = database.engine()
        connections = EngineConnections(engine)
        connections.create_tables()
        with closing(connections()) as connection:
            connection.execute(statements.NETWORK_INSERT, {"id": "n", "name": ""})
            connection.commit()
        began = time.monotonic()
        database.restart(pause_s=0.2, crash=crash)
        assert time.monotonic() - began >= 0.2
        assert database.sessions() == []
        engine.dispose()
        with closing(connections()) as connection:
            assert connection.execute(statements.NETWORK_READ, {"network_id": "n"}).rows
            connection.rollback()
        engine.dispose()


DURABLE = {
    "postgresql": "SELECT current_setting('fsync') || current_setting('synchronous_commit')",
    "mariadb": "SELECT concat(@@innodb_flush_log_at_trx_commit, @@innodb_doublewrite)",
}


def test_unasked_a_server_is_as_durable_as_it_comes_and_with_the_settings_that_were_asked_for(kind: str) -> None:
    with opened(kind, settings={"max_connections": 33}) as database, database.engine().connect() as connection:
        assert connection.exec_driver_sql(DURABLE[kind]).scalar_one() in ("onon", "1ON")
        show = {"postgresql": "SHOW max_connections", "mariadb": "SELECT @@max_connections"}[kind]
        assert int(connection.exec_driver_sql(show).scalar_one()) == 33
        connection.detach()
        connection.close()


def test_a_setting_that_the_server_does_not_know_is_told_in_its_own_words(kind: str) -> None:
    told = pytest.raises(ServerError, match=r"server ended at its start; its log: .*no.such.setting")
    with told, opened(kind, settings={"no_such_setting": 1}):
        pass


def test_a_run_is_no_superuser_and_sees_no_network(kind: str) -> None:
    listens = {"postgresql": "SHOW listen_addresses", "mariadb": "SELECT if(@@skip_networking, '', 'yes')"}[kind]
    refused = {"postgresql": "SET GLOBAL", "mariadb": "SET GLOBAL innodb_lock_wait_timeout = 1"}[kind]
    with opened(kind, durable=False) as database, database.engine().connect() as connection:
        assert connection.exec_driver_sql(listens).scalar_one() == ""
        with pytest.raises(Exception, match=r"denied|syntax"):
            connection.exec_driver_sql(refused)
        connection.detach()
        connection.close()


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 0), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_run_that_is_interrupted_takes_its_server_along(other: Other, number: signal.Signals, status: int) -> None:
    place = folder_of(other.said["url"])
    assert _servers_in(place)
    assert other.ended_by(number) == status
    assert not place.exists()
    assert _servers_in(place) == []


def test_what_a_killed_run_leaves_is_ended_and_removed_by_the_next(other: Other, kind: str) -> None:
    place = folder_of(other.said["url"])
    other.ended_by(signal.SIGKILL)
    assert len(_servers_in(place)) == 1
    sweep()
    assert not place.exists()
    assert _servers_in(place) == []


def test_two_runs_at_once_leave_each_other_alone(other: Other, kind: str) -> None:
    place = folder_of(other.said["url"])
    with opened(kind, durable=False) as database:
        assert folder(database) != place
        assert len(_servers_in(place)) == 1
    assert len(_servers_in(place)) == 1


def test_a_forked_process_that_ends_takes_nothing_along(kind: str) -> None:
    with opened(kind, durable=False) as database:
        child = os.fork()
        if child == 0:
            try:
                atexit._run_exitfuncs()
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        assert database.sessions() == []
        assert folder(database).exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only as root does PostgreSQL run as another user")
def test_as_root_postgresql_runs_as_nobody_even_where_nobody_may_not_go(
    postgresql: RunDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = private_postgresql._programs()
    wheel = programs.parents[1]
    roots = tmp_path / "of root alone"
    (roots / wheel.name).mkdir(mode=0o700, parents=True)
    roots.chmod(0o700)
    (roots / wheel.name / programs.parent.name).symlink_to(programs.parent)
    (roots / f"{wheel.name}.libs").symlink_to(wheel.with_name(f"{wheel.name}.libs"))
    monkeypatch.setattr(private_postgresql, "_programs", lambda: roots.joinpath(*programs.parts[-3:]))
    with opened("postgresql", durable=False) as database:
        (process,) = _servers_in(folder(database))
        assert Path(f"/proc/{process}").stat().st_uid != 0
        assert (folder(database) / "programs" / wheel.name).exists()
