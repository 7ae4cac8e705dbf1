from typing import Any

import numpy as np
import pytest

from sim.metrics import RunFacts, Tables

S = 1_000_000  # us in a second


class Hand:
    """A run written by hand: rows by name, times in seconds (None: never)."""

    def __init__(self) -> None:
        self.tables = Tables.empty()
        self.operations = 0

    def operation(
        self, kind: str = "create_port", began: float = 0.0, ended: float | None = 1.0, *,
        outcome: str = "ok", label: str | None = None, error: str | None = None,
        bound: int = -1, repeat: int = 0, queued: float = 0.0,
    ) -> None:  # fmt: skip
        words, began_us = self.tables.words, round(began * S)
        ended_us = -1 if ended is None else round(ended * S)
        self.tables.operations.append(
            self.operations, words.kinds.code(kind), words.classes.code(label or kind), self.operations, 0, 0,
            -1, repeat, began_us, began_us + round(queued * S), ended_us,
            words.operation_outcomes.code(outcome), words.errors.code(error), bound, 0,
        )  # fmt: skip
        self.operations += 1

    def attempt(self, operation: int, port: int, number: int, outcome: str = "committed") -> None:
        words = self.tables.words
        self.tables.attempts.append(operation, port, number, 0, 1, 0, words.attempt_outcomes.code(outcome), 0)

    def transaction(
        self, *, sql: float = 0.0, lock: float = 0.0, driver: float = 0.0, own: float = 0.0,
        pool: float = 0.0, outcome: str = "commit",
    ) -> None:  # fmt: skip
        words, parts = self.tables.words, [round(part * S) for part in (sql, lock, driver, own)]
        self.tables.transactions.append(
            0, words.transactions.code("create"), 0, 0, sum(parts), round(pool * S), *parts, 3,
            words.transaction_outcomes.code(outcome),
        )  # fmt: skip

    def call(self, method: str, length: float, *, in_transaction: int = 0) -> None:
        words = self.tables.words
        self.tables.driver_calls.append(
            0, 0, words.drivers.code("sdn"), words.methods.code(method), 0, round(length * S),
            in_transaction, 0,
        )  # fmt: skip

    def conflict(self, kind: str, backoff: float | None = 0.5) -> None:
        words = self.tables.words
        backoff_us = -1 if backoff is None else round(backoff * S)
        self.tables.conflicts.append(
            0, words.transactions.code("create"), words.conflict_kinds.code(kind), 0, backoff_us, 0
        )

    def facts(self, **given: Any) -> RunFacts:
        usual = {
            "scenario": "by hand", "strategy": "deferred", "seed": 1, "replication": 0, "tables": self.tables,
            "virtual_us": 20 * S, "load_end_us": 10 * S,
        }  # fmt: skip
        windows = {name: np.array(values) for name, values in given.pop("windows", {}).items()}
        return RunFacts(**{**usual, **given}, windows=windows)


@pytest.fixture
def hand() -> Hand:
    return Hand()
