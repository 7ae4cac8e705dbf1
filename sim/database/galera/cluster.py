"""All nodes, and what they agree on: the order of commits. The ModelledDatabase of a run with the profile `galera`.

Its own storage holds what all agree on, commit by commit: whoever asks for the committed state is told that, and
listeners hear of a commit when it first shows on a node that serves clients. Nodes lag behind it by their queues.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from sqlalchemy import Table

from sim.database.galera.certification import Certification
from sim.database.galera.node import Node, NodeTransaction
from sim.database.galera.replication import Replication
from sim.database.galera.write_set import SentWriteSet
from sim.database.modelled import ModelledDatabase
from sim.database.pool import Pool
from sim.database.profiles import GALERA
from sim.database.seams import Owner
from sim.database.server_transaction import BRUTE_FORCED, OPEN, ServerTransaction
from sim.kernel import Kernel, Signal

_REACHES_ALL = (OPEN, BRUTE_FORCED)  # states of a transaction whose write set is on its way


class Cluster(ModelledDatabase):
    """`ordered` is the last seqno of the order; `pauses` counts COMMITs that flow control stopped.

    `options` are those of ModelledDatabase, for each node: costs, cores, commit_slots, lock_wait_timeout_us, recorder.
    """

    def __init__(self, kernel: Kernel, replication: Replication, **options: Any) -> None:
        super().__init__(kernel, GALERA, **options)
        self.replication = replication
        self.ordered = 0
        self.pauses = 0
        self.nodes = [Node(self, number, replication, **options) for number in range(replication.nodes)]
        self._serving = {self.nodes[number] for number in replication.used}
        self._certification = Certification()
        self._shown = 0
        self._everywhere = 0
        self._on_the_way: dict[SentWriteSet, None] = {}
        self._flow = Signal(kernel, "db.flow_control")

    # what the layers above use

    def server_of(self, process: int) -> ModelledDatabase:
        """The node that an API process is connected to."""
        return self.nodes[self.replication.used[process]]

    def pool(self, owner: Owner | None = None, **options: Any) -> Pool:
        """Connections to the node of process 0; others get theirs from `server_of`."""
        return self.server_of(0).pool(owner, **options)

    def load(self, table: Table, rows: Iterable[dict[str, Any]]) -> None:
        """Inserts rows that are everywhere from the beginning."""
        complete = list(rows)
        super().load(table, complete)
        for node in self.nodes:
            node.load(table, complete)

    def change(self, sql: str, arguments: tuple[Any, ...]) -> None:
        """Changes committed rows everywhere at once."""
        super().change(sql, arguments)
        for node in self.nodes:
            node.change(sql, arguments)

    def is_settled(self) -> bool:
        """Whether every node has applied all that was ordered, and nothing is on its way."""
        return not self._on_the_way and all(node.applier.position == self.ordered for node in self.nodes)

    def open_transactions(self) -> list[ServerTransaction]:
        """Those of all nodes."""
        return [transaction for node in self.nodes for transaction in node.open_transactions()]

    def end_transactions_of(self, owner: object) -> None:
        """A client process has died: its transactions are rolled back, but for those that have their place."""
        for transaction in self.open_transactions():
            if transaction.owner is owner and isinstance(transaction, NodeTransaction):
                transaction.node.end_of_client(transaction)

    def lose_connections(self, takes_effect: Callable[[ServerTransaction], bool]) -> int:
        """The death of a node is no part of this model."""
        raise NotImplementedError("the nodes of the modelled cluster do not die")

    def end(self, transaction: ServerTransaction, state: str) -> None:
        """The node of a transaction rolls it back."""
        if isinstance(transaction, NodeTransaction):
            transaction.node.end(transaction, state)
        else:
            super().end(transaction, state)

    def commit_at_once(self, transaction: ServerTransaction) -> None:
        """A direct connection's COMMIT takes effect everywhere."""
        log = list(transaction.log)
        super().commit_at_once(transaction)
        for node in self.nodes:
            repeated = ServerTransaction(-1)
            for statement, arguments, _ in log:
                node.storage.write(repeated, statement, arguments, ())
            node.storage.commit(repeated)

    def counts(self) -> dict[str, int]:
        """What the nodes count, as SHOW STATUS LIKE 'wsrep_%' does."""
        return {
            "galera_write_sets": self.ordered,
            "galera_certification_failures": sum(node.failures for node in self.nodes),
            "galera_brute_force_aborts": sum(node.aborts for node in self.nodes),
            "galera_replays": sum(node.applier.replays for node in self.nodes),
            "galera_flow_control_pauses": self.pauses,
        }

    def close(self) -> None:
        """Frees the rows of all nodes."""
        super().close()
        for node in self.nodes:
            node.close()

    # what nodes use

    def next_number(self) -> int:
        """The number of a new transaction."""
        self._begun += 1
        return self._begun - 1

    def await_flow(self) -> None:
        """Suspends the current process while a node's queue is too long."""
        if self._is_paused():
            self.pauses += 1
        while self._is_paused():
            self._flow.wait("db.flow_control")

    def _is_paused(self) -> bool:
        limit = self.replication.flow_control_limit
        return any(node.applier.queued > limit for node in self.nodes)

    def send(self, sent: SentWriteSet) -> None:
        """Replicates a write set; it is ordered when it has reached all nodes."""
        sent.last_seen = sent.node.applier.position
        self._on_the_way[sent] = None
        self.kernel.at(self.kernel.clock.now_us + self.replication.replication_us, partial(self._arrived, sent))

    def _arrived(self, sent: SentWriteSet) -> None:
        del self._on_the_way[sent]
        node = sent.node
        if sent.transaction.state not in _REACHES_ALL:
            return  # its client died on the way
        if not self._certification.admits(sent.write_set, node=node.number, last_seen=sent.last_seen):
            node.refuse(sent)
            return
        self.ordered = sent.seqno = self.ordered + 1
        self._certification.add(sent.write_set, node=node.number, seqno=sent.seqno)
        for each in self.nodes:
            each.applier.receive(sent)

    def took_effect(self, node: Node, sent: SentWriteSet) -> None:
        """A write set shows on a node; if it is the first that clients can look at, this is when it was committed."""
        if sent.seqno <= self._shown or node not in self._serving:
            return
        self._shown = sent.seqno
        agreed = ServerTransaction(-1)
        sent.write_set.write(self.storage, agreed)
        rows = self.storage.commit(agreed)
        self.feed.deliver(sent.transaction, rows, self.kernel.clock.now_us)

    def moved_on(self) -> None:
        """A node has applied one more."""
        everywhere = min(node.applier.position for node in self.nodes)
        if everywhere > self._everywhere:
            self._everywhere = everywhere
            self._certification.forget(min((everywhere, *(sent.last_seen for sent in self._on_the_way))))
        if self._flow.queued and not self._is_paused():
            self._flow.pulse()
