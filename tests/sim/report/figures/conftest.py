from pathlib import Path
from typing import Any

import pandas as pd
import pytest

SCENARIO: dict[str, Any] = {
    "horizon": {"duration_s": 8.0},
    "api": {"processes": 2, "threads": 5},
    "database": {"pool": {"size": 1, "max_overflow": 2}},
    "controllers": [{"name": "sdn", "concurrency": 4, "degraded": []}],
    "faults": [],
}


class WrittenResult:
    """A result written by hand: what figures ask of one."""

    folder = Path("nowhere")

    def __init__(self, tables: dict[str, pd.DataFrame], *, replications: int = 1, **changes: Any) -> None:
        self._tables = tables
        strategies = dict.fromkeys(name for table in tables.values() for name in table["strategy"])
        runs = [{"virtual_s": 10.0}] * replications
        self.details = {"strategies": {name: {"runs": runs} for name in strategies}}
        self.manifest = {"scenario": {**SCENARIO, **changes}, "run": {"replications": replications}}

    def table(self, name: str) -> pd.DataFrame:
        return self._tables[name]


OPERATION = {
    "strategy": "deferred", "replication": 0, "operation": 0, "kind": "create_port", "class": "boot", "port": 0,
    "intended_s": 0.0, "started_s": 0.0, "ended_s": 1.0, "outcome": "ok", "error": None,
}  # fmt: skip
TRANSACTION = {
    "strategy": "deferred", "replication": 0, "operation": 0, "name": "create_port", "retry": 0, "began_s": 0.0,
    "ended_s": 1.0, "pool_wait_s": 0.0, "sql_s": 0.0, "lock_wait_s": 0.0, "driver_s": 0.0, "own_s": 1.0,
    "statements": 1, "outcome": "commit",
}  # fmt: skip
CALL = {
    "strategy": "deferred", "replication": 0, "operation": 0, "port": 0, "driver": "sdn", "method": "bind_port",
    "began_s": 0.0, "ended_s": 1.0, "in_transaction": 0, "outcome": "ok",
}  # fmt: skip
WAIT = {
    "strategy": "deferred", "replication": 0, "space": "ports", "row": "ports 1", "waiter": 1, "holder": 0,
    "from_s": 0.0, "to_s": 1.0, "outcome": "granted",
}  # fmt: skip
LEVEL = {"strategy": "deferred", "replication": 0, "resource": "sdn", "at_s": 0.0, "in_use": 0, "queued": 0}
CONFLICT = {"strategy": "deferred", "replication": 0, "operation": 0, "transaction": "create_port", "kind": "deadlock",
            "retry": 0, "backoff_s": 0.0, "at_s": 0.0}  # fmt: skip
_DEFAULTS = {
    "operations": OPERATION, "transactions": TRANSACTION, "driver_calls": CALL, "lock_waits": WAIT, "levels": LEVEL,
    "conflicts": CONFLICT,
}  # fmt: skip


@pytest.fixture
def written():
    """Makes a result of rows, each with what differs from an ordinary row of its table."""

    def _written(*, replications: int = 1, changes: dict[str, Any] | None = None, **rows: list[dict[str, Any]]):
        tables = {
            name: pd.DataFrame([{**ordinary, **row} for row in rows.get(name, [])], columns=list(ordinary))
            for name, ordinary in _DEFAULTS.items()
        }
        return WrittenResult(tables, replications=replications, **(changes or {}))

    return _written
