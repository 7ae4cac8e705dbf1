"""Opening a database for a run and leaving nothing behind: not after Ctrl-C, not after SIGTERM."""

import atexit
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from signal import SIGHUP, SIGTERM
from types import FrameType

from sim.servers.address import LEVELS, ServerAddress
from sim.servers.administrator import Administrator
from sim.servers.errors import ServerError
from sim.servers.folders import sweep
from sim.servers.private import PrivateServer, Recipe, Settings
from sim.servers.run_database import RunDatabase
from sim.servers.schema_life import create, new_name, owned, remove
from sim.servers.urls import check_driver, hidden, kind_of

PRIVATE = ("postgresql", "mariadb")
"""The words that ask for a private server."""

_MOST_CONNECTIONS: Settings = {"max_connections": 500}
"""The servers' defaults, 100 and 151, are less than the pools of a few API processes ask for."""


@contextmanager
def opened(
    database: str, isolation: str | None = None, *, durable: bool = True, settings: Settings | None = None
) -> Iterator[RunDatabase]:
    """A schema of its own for a run, on a private server or at a URL; gone afterwards, and so is the private server.

    `database` is postgresql or mariadb (a server that is started for this run) or a SQLAlchemy URL. `isolation` is
    read_committed unless given. For private servers only: `durable=False` opens one that does not wait for the disk
    (for tests, never to measure with), `settings` are variables of the server by name. SIGTERM ends the process in
    order meanwhile. ServerError for everything that cannot be had.
    """
    level = isolation or "read_committed"
    if level not in LEVELS:
        raise ServerError(f"isolation {level!r} is not known: {', '.join(LEVELS)}")
    with _orderly_end():
        sweep()
        if database in PRIVATE:
            variables = {**_MOST_CONNECTIONS, **(settings or {})}
            with _private(database, level, durable=durable, settings=variables) as made:
                yield made
        elif settings or not durable:
            raise ServerError(f"settings are for private servers; {hidden(database)} keeps its own")
        else:
            with _at(database, level) as made:
                yield made


@contextmanager
def _private(kind: str, isolation: str, *, durable: bool, settings: Settings) -> Iterator[RunDatabase]:
    server = PrivateServer(_recipe(kind), settings, durable=durable)
    with _in_the_end(server.remove):
        name = new_name(private=True)
        address = ServerAddress(url=server.user_url, kind=kind, schema=name, isolation=isolation)
        administrator = Administrator(kind, server.admin_url)
        create(administrator, address.schema, server.user)
        yield RunDatabase(address, administrator, server)


@contextmanager
def _at(url: str, isolation: str) -> Iterator[RunDatabase]:
    kind = kind_of(url)
    check_driver(kind)
    address = ServerAddress(url=url, kind=kind, schema=new_name(), isolation=isolation)
    administrator = Administrator(kind, url)
    database = RunDatabase(address, administrator, server=None)
    with owned(administrator, address.schema), _in_the_end(lambda: remove(administrator, address.schema)):
        create(administrator, address.schema, None)
        yield database


def _recipe(kind: str) -> Recipe:
    from sim.servers.private_mariadb import MariadbRecipe
    from sim.servers.private_postgresql import PostgresqlRecipe

    return PostgresqlRecipe() if kind == "postgresql" else MariadbRecipe()


@contextmanager
def _in_the_end(remove: Callable[[], None]) -> Iterator[None]:
    """Removes afterwards or when the interpreter ends, whichever comes first; never in a forked process.

    Who was refused something is told of that, not of what cannot be removed then either.
    """
    owner = os.getpid()

    def once() -> None:
        if os.getpid() == owner:
            remove()

    atexit.register(once)
    refused = False
    try:
        yield
    except ServerError:
        refused = True
        raise
    finally:
        atexit.unregister(once)
        with suppress(ServerError) if refused else nullcontext():
            once()


@contextmanager
def _orderly_end() -> Iterator[None]:
    """SIGTERM and SIGHUP leave by an exception, as Ctrl-C does, where nobody else handles them."""
    is_main = threading.current_thread() is threading.main_thread()
    ours = [number for number in (SIGTERM, SIGHUP) if is_main and signal.getsignal(number) is signal.SIG_DFL]
    owner = os.getpid()

    def leave(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        if os.getpid() == owner:
            raise SystemExit(128 + number)
        os.kill(os.getpid(), number)

    for number in ours:
        signal.signal(number, leave)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)
