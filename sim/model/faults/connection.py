"""Broken connections: a statement or a COMMIT of one transaction fails, or a connection goes stale in its pool.

Told of statements and COMMITs by the modelled database, in the process that works on them.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.exceptions import CommitOutcomeUnknown, ConnectionLost
from sim.database import ServerTransaction
from sim.kernel import current
from sim.model.faults.lots import Lots, Visit
from sim.model.work import current_work
from sim.scenario import ConnectionFault

if TYPE_CHECKING:
    from sim.model.system import System

_PLACES = {"statement": ("statement",), "commit": ("before_commit", "during_commit"), "committed": ("after_commit",)}


class Connections:
    """All connection faults of a run."""

    def __init__(self, system: "System", faults: Sequence[ConnectionFault]) -> None:
        self._recorder = system.recorder
        self._draws = system.draws
        self._effect = system.draws.purpose("fault effect of COMMIT")
        self._lots = {
            when: Lots(f"connection {when}", chosen, kernel=system.kernel, draws=system.draws)
            for places in _PLACES.values()
            for when in places
            if (chosen := [fault for fault in faults if fault.when == when])
        }
        self._unknown: dict[ServerTransaction, CommitOutcomeUnknown] = {}  # COMMITs that will take effect all the same
        self._stale: dict[object, int] = {}  # by API process: pooled connections that are broken, unseen

    def at(self, point: str, transaction: ServerTransaction, name: str) -> Exception | None:
        """The error of a connection that breaks here."""
        if point == "statement" and self._is_stale(transaction):
            return ConnectionLost(f"the pooled connection of {name} had broken before; repeat it")
        if point == "committed" and transaction in self._unknown:
            return self._unknown.pop(transaction)
        for when in _PLACES[point]:
            lots = self._lots.get(when)
            visit = None if lots is None else lots.taken(current_work(), transaction=name)
            if visit is not None:
                return self._broken(visit, transaction, name)
        return None

    def _broken(self, visit: Visit[ConnectionFault], transaction: ServerTransaction, name: str) -> Exception | None:
        when = visit.fault.when
        if when == "during_commit":
            return self._in_doubt(visit, transaction, name)
        self._tell(visit, name, "")
        if when == "after_commit":
            self._stale[transaction.owner] = self._stale.get(transaction.owner, 0) + 1
            return None
        return ConnectionLost(f"the connection of {name} broke; repeat it")

    def _in_doubt(self, visit: Visit[ConnectionFault], transaction: ServerTransaction, name: str) -> Exception | None:
        error = CommitOutcomeUnknown(f"the connection broke during COMMIT of {name}; read whether it took effect")
        took_effect = self._took_effect(visit)
        self._tell(visit, name, ", took effect" if took_effect else ", took no effect")
        if not took_effect:
            return error
        self._unknown[transaction] = error
        return None

    def _took_effect(self, visit: Visit[ConnectionFault]) -> bool:
        said = visit.fault.took_effect
        return said == "yes" if said != "drawn" else self._draws.uniform(self._effect, visit.key, visit.nth) < 0.5

    def _is_stale(self, transaction: ServerTransaction) -> bool:
        """Whether this is the first statement on a connection that broke in the pool."""
        left = self._stale.get(transaction.owner, 0)
        if not left or transaction.held or transaction.log or not _is_first_statement():
            return False
        self._stale[transaction.owner] = left - 1
        return True

    def _tell(self, visit: Visit[ConnectionFault], name: str, effect: str) -> None:
        where = "in a statement" if visit.fault.when == "statement" else visit.fault.when.replace("_", " ")
        self._recorder.fault("connection", f"{where} of {name}{effect} ({visit})", current().api.number)


def _is_first_statement() -> bool:
    connection = current_work().connection
    return connection is not None and connection.statements == 1
