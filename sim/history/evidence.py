"""What the reads tell of the instants of commits: each version's bounds, narrowed, and the reads that nothing explains.

View asks it once a check. A read that returned a version was answered after that version's commit and sent before the
next one's. Where the reads of a port contradict each other nothing is concluded from them.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sim.history.instants import Clash, Demand, Instants
from sim.history.rows import Read, Sent
from sim.history.verdict import Event
from sim.history.versions import Versions, runs


class Misread(NamedTuple):
    """A read (its row) that returned what was not in force: `clash` if only others show it, `certain` if it is sure."""

    row: int
    clash: Clash | None
    certain: bool = True


class Evidence(NamedTuple):
    """The misreads, and by port what is known of instants beyond the bounds: demands that are met, in several ways."""

    misreads: list[Misread]
    open: dict[int, list[Demand]]


def first_writes(sent: Iterable[Sent]) -> dict[tuple[int, int], int]:
    """The position at which a transaction first changed a port."""
    found: dict[tuple[int, int], int] = {}
    for each in sent:
        found.setdefault((each.transaction, each.port), each.position)
    return found


class Reader:
    """Goes through the reads of a history and narrows the versions in place; `content` tells which states are alike."""

    def __init__(self, versions: dict[int, Versions], content: Sequence[int]) -> None:
        self._versions = versions
        self._content = content
        self._instants: dict[int, Instants] = {}
        self._unsure: set[int] = set()
        self._misreads: list[Misread] = []

    def evidence(self, reads: Iterable[tuple[int, Read]], own: dict[tuple[int, int], int]) -> Evidence:
        """What they tell, in the order of their answers, each with its row.

        A transaction's reads of a port that it has changed before (`own`) tell nothing.
        """
        for row, read in reads:
            wrote_at = own.get((read.transaction, read.port))
            if wrote_at is None or wrote_at > read.last:
                self._look(row, read)
        return self._concluded()

    def _look(self, row: int, read: Read) -> None:
        versions = self._versions.get(read.port) or _NEVER
        certainty = versions.in_force(read.state, self._content, read.first, read.last)
        if certainty == "never":
            self._misread(read.port, Misread(row, None))
        elif certainty == "perhaps":
            self._add(row, read, versions)

    def _misread(self, port: int, misread: Misread) -> None:
        self._misreads.append(misread)
        self._unsure.add(port)

    def _add(self, row: int, read: Read, versions: Versions) -> None:
        if not versions.is_possible:
            self._misread(read.port, Misread(row, None, certain=False))
            return
        if read.port not in self._instants:
            self._instants[read.port] = Instants(versions)
        found = runs(versions.like_within(read.state, self._content, read.first, read.last))
        clash = self._instants[read.port].add(Demand(found, read.first, read.last, Event("reads", row)))
        if clash:
            self._misread(read.port, Misread(row, clash))

    def _concluded(self) -> Evidence:
        left = {}
        for port, instants in self._instants.items():
            settled = instants.settle()
            for clash in settled.clashes:
                self._misread(port, Misread(clash.demand.event.row, clash))
            for demand in settled.undecided[:1]:
                self._misread(port, Misread(demand.event.row, None, certain=False))
            if port not in self._unsure:
                left[port] = instants.keep(self._versions[port])
        self._misreads.sort(key=lambda each: each.row)
        return Evidence(self._misreads, {port: demands for port, demands in left.items() if demands})


_NEVER = Versions()
