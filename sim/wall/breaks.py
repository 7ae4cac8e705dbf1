"""How connections break where a fault says so: the client's end of the socket is shut down, and the server finds out.

The points are those of a scenario's connection faults. Used by an API process.
"""

import os
import socket
from collections.abc import Callable, Sequence
from typing import Any, cast

from sim.kernel import Draws
from sim.kernel.realtime import RealTime
from sim.model.faults.lots import Lots
from sim.model.work import current_work
from sim.scenario import ConnectionFault

PLACES = ("statement", "before_commit", "after_commit")


class Breaks:
    """All connection faults of one API process. `tell(kind, detail)` records one that takes effect."""

    def __init__(
        self, faults: Sequence[ConnectionFault], *, time: RealTime, draws: Draws, tell: Callable[[str, str], None]
    ) -> None:
        self._tell = tell
        self._places = {
            when: Lots(f"connection {when}", chosen, kernel=cast(Any, time), draws=draws)
            for when in PLACES
            if (chosen := [fault for fault in faults if fault.when == when])
        }

    def __bool__(self) -> bool:
        return bool(self._places)

    def stop(self) -> None:
        """Nothing breaks any more."""
        self._places = {}

    def at(self, place: str, name: str, dbapi_connection: Any) -> None:
        """A transaction of this name comes to a place with a connection, which may break here."""
        lots = self._places.get(place)
        visit = None if lots is None else lots.taken(current_work(), transaction=name)
        if visit is not None and dbapi_connection is not None:
            self._tell("connection", f"{place.replace('_', ' ')} of {name} ({visit})")
            shut_down(dbapi_connection)


def shut_down(dbapi_connection: Any) -> None:
    """Breaks the connection of a database driver: psycopg's or PyMySQL's."""
    own: socket.socket | None = getattr(dbapi_connection, "_sock", None)
    if own is not None:
        own.shutdown(socket.SHUT_RDWR)
        return
    copy = socket.socket(fileno=os.dup(dbapi_connection.fileno()))
    try:
        copy.shutdown(socket.SHUT_RDWR)
    finally:
        copy.close()
