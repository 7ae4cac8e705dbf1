"""Which database holds the rows of runs in virtual time: on a private server, at a URL, or one that is open already."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from sim.database.engine_storage.storage import EngineStorage
from sim.database.profiles import Profile
from sim.database.store import Store, StoreMaker
from sim.servers import PRIVATE, RunDatabase, ServerError, opened

if TYPE_CHECKING:
    from sqlalchemy import Engine

_LEVEL = "read_committed"  # what the model is
_SETTINGS = {"max_connections": 1000}
"""Of a private server: so many transactions, less a few, can be open at a time."""


@contextmanager
def storage_database(database: str) -> Iterator[RunDatabase]:
    """A database for rows: postgresql or mariadb (a private server, which does not wait for the disk, since no real
    time is measured), or a SQLAlchemy URL. ServerError for one that cannot be had."""
    is_private = database in PRIVATE
    with opened(database, _LEVEL, durable=not is_private, settings=_SETTINGS if is_private else None) as found:
        yield found


@contextmanager
def stored_in(database: str | RunDatabase | None) -> Iterator[StoreMaker | None]:
    """What a ModelledDatabase takes as its storage; None: SQLite. An open database serves one run after the other.

    ServerError for a database that cannot be had, or that is at another isolation level than READ COMMITTED.
    """
    if database is None:
        yield None
    elif isinstance(database, str):
        with storage_database(database) as found, stored_in(found) as made:
            yield made
    elif database.address.isolation != _LEVEL:
        raise ServerError(f"the modelled database is {_LEVEL}, and {database} is {database.address.isolation}")
    else:
        with closing(_OneByOne(database.engine())) as one_by_one:
            yield one_by_one


class _OneByOne:
    """Makes storages in one schema; each closes the one before, which nobody may have closed."""

    def __init__(self, engine: "Engine") -> None:
        self._engine = engine
        self._last: EngineStorage | None = None

    def __call__(self, profile: Profile) -> Store:
        self._close_last()
        self._last = EngineStorage(self._engine, profile)
        return self._last

    def close(self) -> None:
        self._close_last()
        self._engine.dispose()

    def _close_last(self) -> None:
        if self._last is not None:
            self._last.close()
