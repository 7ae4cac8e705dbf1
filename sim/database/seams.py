"""What the modelled database asks of those around it: the API process that calls, the recorder, faults, distributions.

sim.model implements these; the defaults do nothing. Nothing here has state.
"""

from collections.abc import Callable
from typing import Any, Protocol

from sim.database.server_transaction import Key, ServerTransaction


class Owner(Protocol):
    """The API process whose workers use a pool. Its hooks run in the calling worker and may suspend it."""

    def statement_cpu(self) -> None:
        """Spends the processor time that the client's side of one statement costs; row locks are held meanwhile."""

    def call_cpu(self, name: str) -> None:
        """Spends what the client's side of this call costs before the server is asked, where calls cost by name."""

    def call_cpu_after(self, name: str) -> None:
        """Spends what it costs after the server's answer."""

    def enter_database(self) -> None:
        """A call to the database begins: a green driver lets the process's other workers run, a blocking one not."""

    def leave_database(self) -> None:
        """The database has answered; with green threads the worker may have to wait for its turn."""


class NoOwner:
    """A caller that has a processor for itself."""

    def statement_cpu(self) -> None:
        """Takes no time."""

    def call_cpu(self, name: str) -> None:
        """Takes no time."""

    def call_cpu_after(self, name: str) -> None:
        """Takes no time."""

    def enter_database(self) -> None:
        """Stops nobody."""

    def leave_database(self) -> None:
        """Waits for nobody."""


class Recorder:
    """Ignores everything. Calls come at the instant of which they tell and must return at once, without suspending."""

    def connected(self, connection: Any) -> None:
        """The current worker got this PooledConnection; its `sql_us` and so on are read when the transaction ends."""

    def lock_wait(
        self,
        key: Key,
        *,
        waiter: ServerTransaction,
        holder: ServerTransaction | None,
        from_us: int,
        to_us: int,
        outcome: str,
    ) -> None:
        """A wait is over: 'granted', 'deadlock', 'timeout' or 'died'. `holder` is whom it waited for at first."""


FaultHook = Callable[[str, ServerTransaction], Exception | None]
"""Asked at 'statement', 'commit' (before it takes effect) and 'committed' (after); an exception that it returns is
raised in the caller. At the first two the server ends the transaction, at the last the commit stands."""


class Quantiles(Protocol):
    """A distribution of durations, as sim.kernel.distributions has them."""

    def quantile_us(self, u: float) -> int:
        """The duration in microseconds that a share `u` of draws does not exceed."""


Duration = int | Quantiles
"""Microseconds, or what to draw them from."""
