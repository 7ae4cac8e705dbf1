"""One node of a cluster: the server that a client is connected to, with locks, rows, log and cores of its own.

Until COMMIT a transaction knows nothing of the other nodes. Then its write set is replicated, gets its place in the
order of all, and is certified; the client hears of success when it has taken effect here, and of a failure as
CertificationFailure. One that an applier has aborted meanwhile learns so at its next statement or COMMIT, as
BruteForceAbort. (To a driver both are error 1213, a deadlock; the server counts them apart, and so does this model.)
"""

from typing import TYPE_CHECKING, Any

from core.database import Params, Result
from core.exceptions import BruteForceAbort, CertificationFailure, ConnectionLost
from core.statements import Statement
from sim.database.compiled import CompiledStatement
from sim.database.galera.applier import Applier
from sim.database.galera.replication import Replication
from sim.database.galera.write_set import SentWriteSet, WriteSet
from sim.database.locking import Locked
from sim.database.modelled import ModelledDatabase
from sim.database.server_transaction import BRUTE_FORCED, COMMITTED, EXCLUSIVE, OPEN, SHARED, Key, ServerTransaction
from sim.kernel import Process, Signal

if TYPE_CHECKING:
    from sim.database.galera.cluster import Cluster

_UNCERTIFIED = "certification"  # the state of a transaction whose write set was refused


class NodeTransaction(ServerTransaction):
    """A transaction of a client. `sent` from COMMIT on; further states: 'brute_force', 'certification'."""

    __slots__ = ("node", "sent", "write_set")

    def __init__(self, number: int, *, node: "Node", owner: Any, process: Process | None, began_us: int) -> None:
        super().__init__(number, owner=owner, process=process, began_us=began_us)
        self.node = node
        self.write_set = WriteSet()
        self.sent: SentWriteSet | None = None


class Node(ModelledDatabase):
    """Made by Cluster. `aborts` counts transactions that appliers rolled back, `failures` those not certified."""

    def __init__(self, cluster: "Cluster", number: int, replication: Replication, **options: Any) -> None:
        super().__init__(cluster.kernel, cluster.profile, **options)
        self.number = number
        self.applier = Applier(self, apply_us=replication.apply_us)
        self.aborts = 0
        self.failures = 0
        self.fault = self._fault_at
        self._cluster = cluster
        self._replication = replication
        self._moved = Signal(cluster.kernel, f"db.causal_read of node {number}")

    # what connections use

    def begin(self, owner: object, process: Process | None) -> NodeTransaction:
        """A new transaction, numbered among those of all nodes."""
        number, now_us = self._cluster.next_number(), self.kernel.clock.now_us
        transaction = NodeTransaction(number, node=self, owner=owner, process=process, began_us=now_us)
        self._open[transaction] = None
        return transaction

    def execute(self, transaction: ServerTransaction, statement: Statement, params: Params) -> Result:
        """Runs one statement on this node alone."""
        if self._replication.sync_wait and statement.kind != "write":
            self._catch_up()
        try:
            return super().execute(transaction, statement, params)
        except ConnectionLost:
            if transaction.state == BRUTE_FORCED:
                raise _aborted(transaction) from None
            raise

    def commit(self, transaction: ServerTransaction) -> None:
        """COMMIT: at once where nothing was written; otherwise replicated, certified, and waited for."""
        assert isinstance(transaction, NodeTransaction)
        self._round_trip()
        self._ask_for_fault("commit", transaction)
        if transaction.log:
            self._replicate(transaction)
        else:
            self.commit_at_once(transaction)
        self._ask_for_fault("committed", transaction)

    def _replicate(self, transaction: NodeTransaction) -> None:
        sent = transaction.sent = SentWriteSet(self.kernel, self, transaction)
        self._cluster.await_flow()
        if transaction.state != OPEN:
            raise _aborted(transaction)
        self._cluster.send(sent)
        sent.over.wait("db.replication")
        if sent.failure is not None:
            raise sent.failure

    def _apply(
        self, transaction: ServerTransaction, compiled: CompiledStatement, params: Params, locked: Locked
    ) -> Result:
        result = super()._apply(transaction, compiled, params, locked)
        assert isinstance(transaction, NodeTransaction)
        if len(transaction.log) > len(transaction.write_set):  # it has changed rows, and was not counted on the way
            transaction.write_set.add(transaction.log[-1], params, locked[0])
        return result

    def _catch_up(self) -> None:
        """wsrep_sync_wait: asks the group what was ordered by now, and waits until this node has applied it."""
        if self._replication.replication_us:
            self.kernel.sleep_us(self._replication.replication_us, "db.causal_read")
        wanted = self._cluster.ordered
        while self.applier.position < wanted:
            self._moved.wait("db.causal_read")

    def _fault_at(self, point: str, transaction: ServerTransaction) -> Exception | None:
        """An applier's abort is learnt of where faults are; then those of the scenario."""
        if transaction.state == BRUTE_FORCED and point != "committed":
            return _aborted(transaction)
        hook = self._cluster.fault
        return None if hook is None else hook(point, transaction)

    # what the cluster and the applier use

    def end_of_client(self, transaction: NodeTransaction) -> None:
        """Its process has died. What has its place in the order takes effect all the same."""
        if transaction.sent is None or not transaction.sent.seqno:
            self.end(transaction, "died")

    def refuse(self, sent: SentWriteSet) -> None:
        """A write set of this node was not certified."""
        self.failures += 1
        transaction = sent.transaction
        if transaction.state == OPEN:
            self.end(transaction, _UNCERTIFIED)
        sent.refuse(CertificationFailure(f"another node committed a change of the same rows before {transaction!r}"))

    def seize(self, applying: ServerTransaction, key: Key, *, exclusive: bool) -> None:
        """Locks a row for an applier; whoever holds it otherwise is rolled back."""
        for loser in self._waits.table.seize(applying, key, EXCLUSIVE if exclusive else SHARED):
            if loser.state == OPEN:
                self.aborts += 1
                self.end(loser, BRUTE_FORCED)

    def commit_in_order(self, transaction: ServerTransaction, sent: SentWriteSet) -> None:
        """What the transaction wrote, a client's or an applier's, becomes everybody's on this node."""
        self.storage.commit(transaction)
        self._cluster.took_effect(self, sent)
        if transaction in self._open:
            self._finish(transaction, COMMITTED)
        else:
            self._waits.table.release_all(transaction)

    def moved_on(self) -> None:
        """The applier's position has changed."""
        self._moved.pulse()
        self._cluster.moved_on()


def _aborted(transaction: ServerTransaction) -> BruteForceAbort:
    return BruteForceAbort(f"{transaction!r} held a row lock that another node's commit needed; repeat it")
