"""Whether a write set may take effect: the same answer on every node, because all ask in the same order.

A write set conflicts with one of another node that is ordered before it and that its own node had not applied yet when
it was sent, if the two have a key in common whose kinds do not go together. The first in the order wins. (Of the same
node's no account need be taken: its row locks have kept them apart.)

From galera/src/certification.cpp of Galera 4, certify_and_depend_v3to5 and do_test: the table of kinds, the interval,
the exception of the same source, and that only the last write set of each kind is remembered for a key.
"""

from collections import deque
from collections.abc import Iterable

from sim.database.galera.write_set import KeyKind, WriteSet
from sim.database.server_transaction import Key

_SHARED, _REFERENCE, _UPDATE, _EXCLUSIVE = KeyKind
_CONFLICTS: dict[KeyKind, tuple[KeyKind, ...]] = {
    _SHARED: (_EXCLUSIVE,),
    _REFERENCE: (_EXCLUSIVE,),
    _UPDATE: (_UPDATE, _EXCLUSIVE),
    _EXCLUSIVE: (_REFERENCE, _UPDATE, _EXCLUSIVE),
}
"""For the kind of a key in a new write set the kinds in an earlier one that refuse it."""

_Last = dict[KeyKind, tuple[int, int]]  # of a key, by kind: the last write set's seqno, and its node


class Certification:
    """The index of what was ordered; `forget` keeps it small."""

    def __init__(self) -> None:
        self._index: dict[Key, _Last] = {}
        self._ordered: deque[tuple[int, tuple[Key, ...]]] = deque()

    def admits(self, write_set: WriteSet, *, node: int, last_seen: int) -> bool:
        """Whether no write set that was ordered by now refuses this one."""
        return not any(self._refused(key, kind, node, last_seen) for key, kind in write_set.keys.items())

    def _refused(self, key: Key, kind: KeyKind, node: int, last_seen: int) -> bool:
        last = self._index.get(key)
        if last is None:
            return False
        earlier = (last[other] for other in _CONFLICTS[kind] if other in last)
        return any(seqno > last_seen and source != node for seqno, source in earlier)

    def add(self, write_set: WriteSet, *, node: int, seqno: int) -> None:
        """A write set has got its place in the order."""
        self._ordered.append((seqno, tuple(write_set.keys)))
        for key, kind in write_set.keys.items():
            self._index.setdefault(key, {})[kind] = (seqno, node)

    def forget(self, seqno: int) -> None:
        """Whatever is to come has seen what was ordered up to this seqno, and cannot conflict with it."""
        ordered = self._ordered
        while ordered and ordered[0][0] <= seqno:
            self._forget(ordered.popleft()[1], seqno)

    def _forget(self, keys: Iterable[Key], seqno: int) -> None:
        for key in keys:
            last = self._index.get(key)
            if last is not None and all(other <= seqno for other, _ in last.values()):
                del self._index[key]

    def __len__(self) -> int:
        """How many keys are remembered."""
        return len(self._index)
