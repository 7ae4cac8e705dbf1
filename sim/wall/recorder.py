"""The recorder of an API process: tables as in virtual time, and events for what must be put in order afterwards.

Bindings are followed by looking at commits in the order in which they took effect, which no single process knows. So
what the tracker and the notices are told goes into the event log, and `sim.wall.replay` tells them.
"""

import threading
from dataclasses import fields
from typing import Any

from core.context import PortContext
from core.records import Port
from sim.history import HistoryWriter
from sim.kernel import Kernel
from sim.metrics import Tables
from sim.metrics.codes import Codes
from sim.model.bindings import BindingTracker, identity
from sim.model.notices import Notices
from sim.model.recorder import RunRecorder
from sim.model.recording import HistoryRecorder
from sim.model.work import current_work
from sim.wall.event_log import EventLog


class LoggedTracker(BindingTracker):
    """Notes what drivers are told of removed bindings."""

    def __init__(self, log: EventLog) -> None:
        super().__init__()
        self._log = log

    def told(self, context: PortContext, method: str) -> None:
        """A driver is being told, after the commit."""
        before = context.port if method == "delete_port_postcommit" else context.previous
        if before is not None and before.binding.is_successful:
            self._log.write("told", before.id, tuple(identity(before.binding)))


class LoggedNotices(Notices):
    """Notes what each driver was told last."""

    def __init__(self, log: EventLog) -> None:
        super().__init__([])
        self._log = log

    def told(self, driver: str, port: Port, *, deleted: bool) -> None:
        """A driver's postcommit has returned."""
        row = port.id if deleted else (*port[:9], tuple(port.binding))
        self._log.write("notice", driver, row, deleted)


class _WallRecorder(RunRecorder):
    """What both recorders do beside their own."""

    _counting = threading.Lock()

    def transaction_began(self, name: str, retry: int) -> None:
        """Gives the connection the transaction's name, which its commit is noted under."""
        super().transaction_began(name, retry)
        connection: Any = current_work().connection
        connection.name = name

    def count(self, name: str) -> None:
        """Counts something that has no table."""
        with self._counting:
            super().count(name)


class WallRecorder(_WallRecorder, RunRecorder):
    """The recorder of a run without history."""


class WallHistoryRecorder(_WallRecorder, HistoryRecorder):
    """The recorder of a run with one."""


class CoordinatorRecorder(RunRecorder):
    """The recorder of the coordinator: levels, and faults, which a history holds too."""

    def __init__(
        self, kernel: Kernel, tables: Tables, tracker: BindingTracker, notices: Notices, *,
        history: HistoryWriter | None,
    ) -> None:  # fmt: skip
        super().__init__(kernel, tables, tracker, notices)
        self._history = history

    def fault(self, kind: str, detail: str, process: int = -1) -> None:
        """Counts it, and a row in faults."""
        super().fault(kind, detail, process)
        if self._history is not None:
            self._history.fault(kind, detail, process)


class Rows:
    """Hands the rows of the tables to the event log, those that have come since the last time."""

    def __init__(self, tables: Tables, recorder: RunRecorder, log: EventLog) -> None:
        self._tables = tables.all()
        self._recorder = recorder
        self._log = log
        self._written = [0] * len(self._tables)  # bytes of each
        self._names = [(each.name, _names_of(tables, each.name)) for each in fields(tables.words)]
        self._known = [0] * len(self._names)
        self._guard = threading.Lock()

    def flush(self) -> None:
        """Writes what is new. Called by a worker when its operation is over."""
        with self._guard:
            rows = self._new_rows()
            if rows:
                self._log.write("rows", rows, self._new_words())

    def finish(self) -> None:
        """Writes the rest, and what was counted."""
        self.flush()
        self._log.write("counts", dict(self._recorder.counts))

    def _new_rows(self) -> dict[str, bytes]:
        found = {}
        for place, (table, written) in enumerate(zip(self._tables, self._written, strict=True)):
            if table.size_bytes != written:
                part = found[table.name] = table.tail(written)
                self._written[place] += len(part)
        return found

    def _new_words(self) -> dict[str, list[str]]:
        """After the rows: every code in them has its name by now."""
        found = {}
        for place, ((name, names), known) in enumerate(zip(self._names, self._known, strict=True)):
            if len(names) != known:
                new = found[name] = names[known:]
                self._known[place] += len(new)
        return found


def _names_of(tables: Tables, words: str) -> list[str]:
    codes: Codes = getattr(tables.words, words)
    return codes.names
