"""A controller's table that writes down every change of it."""

from sim.history import HistoryWriter
from sim.model.controller_table import ControllerTable, Entry
from sim.model.ownership import Ownership


class RecordedTable(ControllerTable):
    """As ControllerTable; `controller` is the name that the history knows it by."""

    def __init__(self, ownership: Ownership, *, by_revision: bool, controller: str, writer: HistoryWriter) -> None:
        super().__init__(ownership, by_revision=by_revision)
        self._controller = controller
        self._writer = writer

    def reserve(self, port_id: str, entry: Entry, at_us: int) -> None:
        """Recorded once the entry is in."""
        super().reserve(port_id, entry, at_us)
        self._write("reserved", port_id, entry)

    def confirm(self, port_id: str, token: str) -> None:
        """Recorded, a refused one as such."""
        refused = self.refused
        super().confirm(port_id, token)
        what = "confirmed" if refused == self.refused else "refused"
        self._writer.change(self._controller, what, port_id=port_id, token=token)

    def drop(self, port_id: str, *, keep: str | None, revision: int, at_us: int) -> None:
        """Recorded for each entry that went."""
        before = self.entries_of(port_id)
        super().drop(port_id, keep=keep, revision=revision, at_us=at_us)
        left = {entry.token for entry in self.entries_of(port_id)}
        for entry in before:
            if entry.token not in left:
                self._write("dropped", port_id, entry)

    def _write(self, what: str, port_id: str, entry: Entry) -> None:
        self._writer.change(
            self._controller, what, port_id=port_id, host=entry.host, token=entry.token, revision=entry.revision
        )
