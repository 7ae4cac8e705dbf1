"""A controller's table: which ports it believes to be where. Changed by calls that reach it, in their order.

- *reserve* puts (port, host, segment, token) in;
- *confirm* marks the entry of a live token; without one it is recorded as refused and changes nothing;
- *drop* removes the port's entries but the one to keep.

With ordering `last_write` calls apply in order of arrival, so that a late drop also removes what was reserved after
the change it tells of. With ordering `revision` a drop removes only entries that were computed from an older revision
of the port, and an older reservation that arrives after it is refused. Time and calls are sim/model/controllers.py's.
"""

from collections.abc import Iterator
from typing import NamedTuple

from sim.model.ownership import Ownership


class ReservationRefused(Exception):
    """The port has changed since the state that the reservation was computed from."""


class Entry(NamedTuple):
    """One entry of the table. `revision` is the port's revision that the reservation was computed from."""

    host: str
    segment_id: str
    token: str
    revision: int
    confirmed: bool = False


class ControllerTable:
    """The entries by port and token. `refused` counts confirmations without a live token."""

    def __init__(self, ownership: Ownership, *, by_revision: bool = False) -> None:
        self._ownership = ownership
        self._by_revision = by_revision
        self._ports: dict[str, dict[str, Entry]] = {}
        self._dropped_at: dict[str, int] = {}  # port -> revision of the newest drop; kept with ordering `revision` only
        self.refused = 0

    def reserve(self, port_id: str, entry: Entry, at_us: int) -> None:
        """Puts an entry in. ReservationRefused when a drop of a newer revision has come before."""
        if self._by_revision and entry.revision < self._dropped_at.get(port_id, 0):
            raise ReservationRefused(f"port {port_id} has changed since revision {entry.revision}")
        self._ports.setdefault(port_id, {})[entry.token] = entry
        self._ownership.gained(port_id, entry.host, at_us)

    def confirm(self, port_id: str, token: str) -> None:
        """Marks the token's entry as confirmed, if it lives."""
        entries = self._ports.get(port_id, {})
        entry = entries.get(token)
        if entry is None:
            self.refused += 1
        else:
            entries[token] = entry._replace(confirmed=True)

    def drop(self, port_id: str, *, keep: str | None, revision: int, at_us: int) -> None:
        """Removes the port's entries but that of the token to keep; `revision` is the port's after the change."""
        if self._by_revision:
            self._dropped_at[port_id] = max(revision, self._dropped_at.get(port_id, 0))
        entries = self._ports.get(port_id)
        if entries is None:
            return
        doomed = [e for e in entries.values() if e.token != keep and not (self._by_revision and e.revision >= revision)]
        for entry in doomed:
            del entries[entry.token]
            self._ownership.lost(port_id, entry.host, at_us)
        if not entries:
            del self._ports[port_id]

    def entries_of(self, port_id: str) -> list[Entry]:
        """A port's entries, the oldest first."""
        return list(self._ports.get(port_id, {}).values())

    def tokens(self) -> set[tuple[str, str | None]]:
        """Every entry's port and token."""
        return {(port_id, token) for port_id, entries in self._ports.items() for token in entries}

    def entries(self) -> Iterator[tuple[str, Entry]]:
        """Every entry with its port, ports in the order of their oldest entry."""
        for port_id, entries in self._ports.items():
            for entry in entries.values():
                yield port_id, entry
