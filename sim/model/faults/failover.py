"""Fail-over: the database server dies with everything that is open in it, and for a while there is none.

Committed data survives. A client whose statement was under way, or that comes during the pause, sees a lost connection
at once; one whose COMMIT was under way does not know whether it took effect.
"""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from core.exceptions import CommitOutcomeUnknown, ConnectionLost
from sim.database import LOST, ServerTransaction
from sim.kernel import Timer
from sim.scenario import FailOver

if TYPE_CHECKING:
    from sim.model.system import System


class FailOvers:
    """All fail-overs of a run."""

    def __init__(self, system: "System", faults: Sequence[FailOver]) -> None:
        self._kernel = system.kernel
        self._server = system.server
        self._recorder = system.recorder
        self._draws = system.draws
        self._effect = system.draws.purpose("fault effect of COMMIT in fail-over")
        self._faults = faults
        self._down_until_us = -1

    def begin(self) -> list[Timer]:
        """Schedules them."""
        return [self._kernel.at(round(fault.at_s * 1e6), partial(self._die, fault)) for fault in self._faults]

    def stop(self) -> None:
        """There is a server again."""
        self._down_until_us = -1

    def at(self, point: str, transaction: ServerTransaction, name: str) -> Exception | None:
        """The error of whoever has lost the server, or finds none."""
        if transaction.state != LOST and self._kernel.now_us >= self._down_until_us:
            return None
        if point == "commit":
            return CommitOutcomeUnknown(f"the server died during COMMIT of {name}; read whether it took effect")
        if point == "statement":
            return ConnectionLost(f"the server of {name} has died; repeat it")
        return None

    def _die(self, fault: FailOver) -> None:
        pause_us = round(fault.pause_s * 1e6)
        self._down_until_us = max(self._down_until_us, self._kernel.now_us + pause_us)
        open_now = len(self._server.open_transactions())
        committed = self._server.lose_connections(self._takes_effect)
        lost = f"{open_now} open transactions end, {committed} of them just committed"
        self._recorder.fault("failover", f"the server dies: {lost}; none for {fault.pause_s:g} s")

    def _takes_effect(self, transaction: ServerTransaction) -> bool:
        """Keyed by the operation: a worker's one and its transactions are not the same in another order."""
        return self._draws.uniform(self._effect, transaction.operation, self._kernel.now_us) < 0.5
