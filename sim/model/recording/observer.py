"""The run's recorder when there is a history: fills the tables as always, and writes the observer's word down too."""

from sim.history import HistoryWriter
from sim.kernel import Kernel, current
from sim.metrics import Tables
from sim.model.bindings import BindingTracker
from sim.model.notices import Notices
from sim.model.recorder import RunRecorder
from sim.model.recording.connection import open_connections
from sim.model.work import current_work

_BEGAN = "history.attempt"  # the key in a process's scratch: the position at which its attempt began


class HistoryRecorder(RunRecorder):
    """A RunRecorder that is the history's second witness."""

    def __init__(
        self, kernel: Kernel, tables: Tables, tracker: BindingTracker, notices: Notices, *, writer: HistoryWriter
    ) -> None:
        super().__init__(kernel, tables, tracker, notices)
        self._writer = writer

    def transaction_began(self, name: str, retry: int) -> None:
        """Gives the open connection the transaction's name."""
        super().transaction_began(name, retry)
        open_connections(current())[-1].name = name

    def transaction_ended(self, name: str, outcome: str) -> None:
        """A row in ends."""
        process = current()
        if not process.dead:
            work = current_work()
            retry = work.transactions[-1].retry
            number = open_connections(process)[-1].number
            self._writer.transaction_ended(number, work.operation, name, retry, outcome)
        super().transaction_ended(name, outcome)

    def attempt_began(self, port_id: str, number: int, *, reader: bool) -> None:
        """Remembers where."""
        super().attempt_began(port_id, number, reader=reader)
        current().scratch[_BEGAN] = self._writer.step(), reader

    def attempt_ended(self, port_id: str, number: int, *, bound: bool, outcome: str) -> None:
        """A row in attempts."""
        super().attempt_ended(port_id, number, bound=bound, outcome=outcome)
        process = current()
        if not process.dead:
            began, reader = process.scratch[_BEGAN]
            self._writer.attempt(
                began, current_work().operation, port_id, number, reader=reader, bound=bound, outcome=outcome
            )

    def binding_gave_up(self, port_id: str, attempts: int) -> None:
        """A row in give_ups."""
        super().binding_gave_up(port_id, attempts)
        if not current().dead:
            self._writer.gave_up(current_work().operation, port_id, attempts)

    def error_logged(self, where: str, port_id: str, error: Exception) -> None:
        """A row in logged."""
        super().error_logged(where, port_id, error)
        if not current().dead:
            self._writer.logged(current_work().operation, port_id, where)

    def fault(self, kind: str, detail: str, process: int = -1) -> None:
        """A row in faults."""
        super().fault(kind, detail, process)
        self._writer.fault(kind, detail, process)
