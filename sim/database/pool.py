"""The connections of one API process: at most size + max_overflow, given in order of arrival, with a time limit.

The model's workers call `connect` through core.database.Database. Waiting here never stops the API process, because a
pool is Python. Opening a connection takes no time (assumption: SQLAlchemy opens the first `size` once and for all; the
overflow ones, which it closes when they return, are treated alike).
"""

from typing import TYPE_CHECKING

from core.exceptions import PoolTimeout
from sim.database.connection import PooledConnection
from sim.database.detailed import DetailedConnection
from sim.database.seams import Owner
from sim.kernel import MICROSECONDS, AcquireTimeout, FifoResource

if TYPE_CHECKING:
    from sim.database.modelled import ModelledDatabase


class Pool:
    """Made by ModelledDatabase.pool. `resource` is the queue, with its levels and its `on_change` hook."""

    def __init__(
        self,
        database: "ModelledDatabase",
        owner: Owner,
        *,
        size: int,
        max_overflow: int,
        timeout_s: float,
        name: str = "db.pool",
    ) -> None:
        self.owner = owner
        self.resource = FifoResource(database.kernel, name, size + max_overflow)
        self._database = database
        self._use = DetailedConnection if database.costs.has_details else PooledConnection
        self._size = size
        self._max_overflow = max_overflow
        self._timeout_s = timeout_s
        self._timeout_us = round(timeout_s * MICROSECONDS)

    def connect(self) -> PooledConnection:
        """A connection, at once or when one is given back; PoolTimeout when none is within the pool's limit."""
        try:
            waited_us = self.resource.acquire("db.pool", timeout_us=self._timeout_us)
        except AcquireTimeout:
            raise PoolTimeout(size=self._size, overflow=self._max_overflow, timeout_s=self._timeout_s) from None
        connection = self._use(self._database, self, pool_wait_us=waited_us)
        self._database.recorder.connected(connection)
        return connection
