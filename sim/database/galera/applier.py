"""Brings one node up to date: takes effect of the ordered write sets, in their order, one after the other.

Its own transactions wait here for their turn and their flush; write sets of other nodes are applied, which takes time.
An applier never waits for a row lock: whoever holds one in its way loses it and is rolled back ("brute force abort"),
whatever it is doing. One that had already been ordered, and so is certain to commit, is then applied like a foreign one
(wsrep_local_replays: MariaDB documentation, Galera Cluster Status Variables).
"""

from collections import deque
from functools import partial
from typing import TYPE_CHECKING

from sim.database.galera.write_set import SentWriteSet
from sim.database.server_transaction import COMMITTED, OPEN, ServerTransaction

if TYPE_CHECKING:
    from sim.database.galera.node import Node


class Applier:
    """`position`: the last seqno that has taken effect on the node. `replays` counts its own that it applied again."""

    def __init__(self, node: "Node", *, apply_us: int) -> None:
        self.position = 0
        self.replays = 0
        self._node = node
        self._apply_us = apply_us
        self._queue: deque[SentWriteSet] = deque()
        self._is_applying = False

    @property
    def queued(self) -> int:
        """Write sets that are ordered and have not taken effect here."""
        return len(self._queue)

    def receive(self, sent: SentWriteSet) -> None:
        """The next write set of the order."""
        self._queue.append(sent)
        if self._is_open_here(sent):
            self._node.flush.add(sent.transaction, partial(self._flushed, sent))
        self._advance()

    def _is_open_here(self, sent: SentWriteSet) -> bool:
        """Whether its rows are written here and wait for COMMIT only."""
        return sent.node is self._node and sent.transaction.state == OPEN

    def _flushed(self, sent: SentWriteSet) -> None:
        sent.is_flushed = True
        self._advance()

    def _advance(self) -> None:
        while self._queue and not self._is_applying:
            first = self._queue[0]
            if not self._is_open_here(first):
                self._begin(first)
            elif first.is_flushed:
                self._node.commit_in_order(first.transaction, first)
                self._took_effect(first)
            else:
                return

    def _begin(self, sent: SentWriteSet) -> None:
        self._is_applying = True
        self.replays += sent.node is self._node
        applying = ServerTransaction(-1)
        applying.operation = sent.transaction.operation
        for key, exclusive in sent.write_set.locks.items():
            self._node.seize(applying, key, exclusive=exclusive)
        kernel = self._node.kernel
        kernel.at(kernel.clock.now_us + self._apply_us, partial(self._applied, sent, applying))

    def _applied(self, sent: SentWriteSet, applying: ServerTransaction) -> None:
        self._is_applying = False
        sent.write_set.write(self._node.storage, applying)
        self._node.commit_in_order(applying, sent)
        self._took_effect(sent)
        self._advance()

    def _took_effect(self, sent: SentWriteSet) -> None:
        self._queue.popleft()
        self.position = sent.seqno
        if sent.node is self._node:
            sent.transaction.state = COMMITTED
            sent.over.fire()
        self._node.moved_on()
