"""The seven tables of a run: what the recorder fills, and everything that metrics and result files are made
from.

Times are microseconds of the run's virtual clock (-1: never). An operation is named by its index in the
workload (-1: outside any operation, as a journal worker is). Columns, units and words are described in
docs/results.md.
"""

from dataclasses import dataclass, field

from sim.metrics.codes import Codes
from sim.metrics.table import Column, Table

OPERATION_OUTCOMES = ("ok", "error", "no_target", "unanswered", "died")
ATTEMPT_RESULTS = ("bound", "failed")
ATTEMPT_OUTCOMES = (
    "committed", "bound_by_other", "inputs_changed", "deleted", "gave_up", "unchanged_failure", "error",
)  # fmt: skip
TRANSACTION_OUTCOMES = ("commit", "rollback")  # and the kind of the conflict that ended it
CALL_OUTCOMES = ("ok", "error", "conflict")
LOCK_WAIT_OUTCOMES = ("granted", "deadlock", "timeout", "died")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names that the tables' codes stand for. Columns that hold the same words share one `Codes`."""

    kinds: Codes = field(default_factory=Codes)
    classes: Codes = field(default_factory=Codes)
    operation_outcomes: Codes = field(default_factory=lambda: Codes(OPERATION_OUTCOMES))
    errors: Codes = field(default_factory=Codes)
    attempt_results: Codes = field(default_factory=lambda: Codes(ATTEMPT_RESULTS))
    attempt_outcomes: Codes = field(default_factory=lambda: Codes(ATTEMPT_OUTCOMES))
    transactions: Codes = field(default_factory=Codes)
    transaction_outcomes: Codes = field(default_factory=lambda: Codes(TRANSACTION_OUTCOMES))
    drivers: Codes = field(default_factory=Codes)
    methods: Codes = field(default_factory=Codes)
    call_outcomes: Codes = field(default_factory=lambda: Codes(CALL_OUTCOMES))
    spaces: Codes = field(default_factory=Codes)
    rows: Codes = field(default_factory=Codes)
    lock_wait_outcomes: Codes = field(default_factory=lambda: Codes(LOCK_WAIT_OUTCOMES))
    resources: Codes = field(default_factory=Codes)
    conflict_kinds: Codes = field(default_factory=Codes)


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of one run and their vocabulary. Make one with `Tables.empty()`."""

    words: Vocabulary
    operations: Table
    attempts: Table
    transactions: Table
    driver_calls: Table
    lock_waits: Table
    levels: Table
    conflicts: Table

    @classmethod
    def empty(cls) -> "Tables":
        """Tables without rows, with a vocabulary of their own."""
        words = Vocabulary()
        return cls(
            words=words, operations=_operations(words), attempts=_attempts(words),
            transactions=_transactions(words), driver_calls=_driver_calls(words),
            lock_waits=_lock_waits(words), levels=_levels(words), conflicts=_conflicts(words),
        )  # fmt: skip

    def all(self) -> tuple[Table, ...]:
        """The seven tables in the order of docs/results.md."""
        return (
            self.operations, self.attempts, self.transactions, self.driver_calls, self.lock_waits,
            self.levels, self.conflicts,
        )  # fmt: skip


def _operations(words: Vocabulary) -> Table:
    """One row an operation that a client began, appended when it ends or, unanswered, when the run does."""
    return Table("operations", (
        Column("operation", "i"),
        Column("kind", "b", words.kinds), Column("class", "h", words.classes),
        Column("port", "i"), Column("tenant", "i"), Column("client", "i"),
        Column("repeat_of", "i"), Column("repeat", "h"),
        Column("intended_us", "q"), Column("started_us", "q"), Column("ended_us", "q"),
        Column("outcome", "b", words.operation_outcomes), Column("error", "h", words.errors),
        Column("bound", "b"), Column("api_process", "h"),
    ))  # fmt: skip


def _attempts(words: Vocabulary) -> Table:
    """One row a binding attempt, from before bind_port to what became of its result."""
    return Table("attempts", (
        Column("operation", "i"), Column("port", "i"), Column("number", "h"),
        Column("began_us", "q"), Column("ended_us", "q"),
        Column("result", "b", words.attempt_results), Column("outcome", "b", words.attempt_outcomes),
        Column("reader", "b"),
    ))  # fmt: skip


def _transactions(words: Vocabulary) -> Table:
    """One row a transaction, BEGIN to the end of COMMIT or ROLLBACK; the wait for the pool comes before."""
    return Table("transactions", (
        Column("operation", "i"), Column("name", "h", words.transactions), Column("retry", "h"),
        Column("began_us", "q"), Column("ended_us", "q"), Column("pool_wait_us", "q"),
        Column("sql_us", "q"), Column("lock_wait_us", "q"), Column("driver_us", "q"), Column("own_us", "q"),
        Column("statements", "i"), Column("outcome", "b", words.transaction_outcomes),
    ))  # fmt: skip


def _driver_calls(words: Vocabulary) -> Table:
    """One row a call of a mechanism driver's method."""
    return Table("driver_calls", (
        Column("operation", "i"), Column("port", "i"), Column("driver", "h", words.drivers),
        Column("method", "b", words.methods), Column("began_us", "q"), Column("ended_us", "q"),
        Column("in_transaction", "b"), Column("outcome", "b", words.call_outcomes),
    ))  # fmt: skip


def _lock_waits(words: Vocabulary) -> Table:
    """One row a wait for a row lock; `holder` is the first of those that held it when the wait began."""
    return Table("lock_waits", (
        Column("space", "h", words.spaces), Column("row", "i", words.rows),
        Column("waiter", "i"), Column("holder", "i"),
        Column("from_us", "q"), Column("to_us", "q"), Column("outcome", "b", words.lock_wait_outcomes),
    ))  # fmt: skip


def _levels(words: Vocabulary) -> Table:
    """One row a change of a resource's level: how many places are in use, how many wait."""
    return Table("levels", (
        Column("resource", "h", words.resources), Column("at_us", "q"),
        Column("in_use", "i"), Column("queued", "i"),
    ))  # fmt: skip


def _conflicts(words: Vocabulary) -> Table:
    """One row a conflict that ended a transaction, with the back-off before the transaction is repeated."""
    return Table("conflicts", (
        Column("operation", "i"), Column("transaction", "h", words.transactions),
        Column("kind", "b", words.conflict_kinds), Column("retry", "h"),
        Column("backoff_us", "q"), Column("at_us", "q"),
    ))  # fmt: skip
