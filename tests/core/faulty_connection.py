"""A connection that fails where a test says: at a statement or at COMMIT, before or after it took effect."""

from collections.abc import Callable
from dataclasses import dataclass, field

from core.database import Connection, Params, Result
from core.exceptions import CommitOutcomeUnknown
from core.statements import Statement


@dataclass
class Fault:
    """Raised `times` times at a statement's name, or at 'commit', of the transactions with this name."""

    transaction: str
    at: str
    error: Callable[[], Exception]
    times: int = 1
    took_effect: bool = False


@dataclass
class Faults:
    """The faults still to come, and the name of the transaction that runs (told by the observer)."""

    pending: list[Fault] = field(default_factory=list)
    transaction: str = ""
    statements: list[str] = field(default_factory=list)

    def add(self, transaction: str, at: str, error: type[Exception], *, times: int = 1) -> None:
        self.pending.append(Fault(transaction, at, lambda: error("injected"), times))

    def lose_commit(self, transaction: str, *, took_effect: bool) -> None:
        """The next COMMIT of this transaction gets no answer."""
        unknown = Fault(transaction, "commit", lambda: CommitOutcomeUnknown("injected"), took_effect=took_effect)
        self.pending.append(unknown)

    def next_at(self, at: str) -> Fault | None:
        for fault in self.pending:
            if fault.at == at and fault.transaction == self.transaction:
                fault.times -= 1
                if not fault.times:
                    self.pending.remove(fault)
                return fault
        return None


class FaultyConnection:
    """Wraps a connection; records each statement as 'transaction: statement'."""

    def __init__(self, inner: Connection, faults: Faults) -> None:
        self._inner = inner
        self._faults = faults

    def execute(self, statement: Statement, params: Params) -> Result:
        self._faults.statements.append(f"{self._faults.transaction}: {statement.name}")
        fault = self._faults.next_at(statement.name)
        if fault is not None:
            raise fault.error()
        return self._inner.execute(statement, params)

    def commit(self) -> None:
        fault = self._faults.next_at("commit")
        if fault is None:
            self._inner.commit()
        elif fault.took_effect:
            self._inner.commit()
            raise fault.error()
        else:
            self._inner.rollback()
            raise fault.error()

    def rollback(self) -> None:
        self._inner.rollback()

    def close(self) -> None:
        self._inner.close()
