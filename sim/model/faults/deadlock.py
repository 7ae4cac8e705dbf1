"""Forced deadlocks: a statement of a transaction that holds a row lock is told that it lost one.

Told of statements by the modelled database, in the process that works on them. The server ends the transaction, as it
does with the victim of a real one.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.exceptions import Deadlock
from sim.database import ServerTransaction
from sim.kernel import current
from sim.model.faults.lots import Lots
from sim.model.work import current_work
from sim.scenario import DeadlockFault

if TYPE_CHECKING:
    from sim.model.system import System


class Deadlocks:
    """All forced deadlocks of a run."""

    def __init__(self, system: "System", faults: Sequence[DeadlockFault]) -> None:
        self._server = system.server
        self._recorder = system.recorder
        self._lots = Lots("deadlock", faults, kernel=system.kernel, draws=system.draws)

    def at(self, point: str, transaction: ServerTransaction, name: str) -> Exception | None:
        """The error of a statement that loses."""
        if point != "statement" or not transaction.held:
            return None
        visit = self._lots.taken(current_work(), transaction=name)
        if visit is None:
            return None
        self._recorder.fault("deadlock", f"{name} loses a deadlock ({visit})", current().api.number)
        self._server.end(transaction, "deadlock")
        return Deadlock(f"{name} was made to lose a deadlock; repeat it")
