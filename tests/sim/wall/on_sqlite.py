"""The whole wall-clock engine without a server: its processes and threads on one SQLite file, and a scenario for it.

SQLite lets one transaction write at a time (BEGIN IMMEDIATE), so nothing can be learnt here about locks; everything
that is not the database's is as on a real server.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Engine, QueuePool, create_engine, event

from sim.running import Run
from sim.scenario import Scenario
from sim.servers import RunDatabase
from sim.wall import run

_BUSY_S = 20.0  # s that a transaction waits for the one that writes


@dataclass(frozen=True)
class SqliteAddress:
    """Stands where sim.servers.ServerAddress stands."""

    path: str
    isolation: str = "read_committed"

    def engine(self, size: int = 5, max_overflow: int = 50, timeout_s: float = 30.0) -> Engine:
        """An engine on the file, that waits for no disk."""
        engine = create_engine(
            f"sqlite:///{self.path}", poolclass=QueuePool, pool_size=size, max_overflow=max_overflow,
            pool_timeout=timeout_s, connect_args={"timeout": _BUSY_S, "check_same_thread": False},
        )  # fmt: skip

        @event.listens_for(engine, "connect")
        def _hurry(connection: Any, _record: object) -> None:
            connection.execute("PRAGMA synchronous = OFF")

        return engine


class SqliteDatabase:
    """Stands where sim.servers.RunDatabase stands."""

    is_private = True

    def __init__(self, folder: Path) -> None:
        self.address = SqliteAddress(str(folder / "run.sqlite"))
        with sqlite3.connect(self.address.path) as connection:
            connection.execute("PRAGMA journal_mode = WAL")

    def engine(self, size: int = 5, max_overflow: int = 50, timeout_s: float = 30.0) -> Engine:
        """As of its address."""
        return self.address.engine(size, max_overflow, timeout_s)


SMALL: dict[str, Any] = {
    "question": "Does the wall-clock engine do what it says?",
    "horizon": {"duration_s": 0.5, "drain_limit_s": 20, "max_virtual_time_s": 60},
    "workload": {
        "arrivals": {"constant": {"rate_per_s": 40}},
        "operations": [{"operation": "update_port", "change": "host"}, {"operation": "get_port"}],
        "ports": {"initial": 6, "bound": True},
    },
    "topology": {"tenants": 2, "hosts": 4},
    "api": {"processes": 2, "threads": 4, "cores": 2, "cpu_s": 0, "cpu_s_per_statement": 0},
    "database": {"pool": {"size": 2, "max_overflow": 8, "timeout_s": 20}},
    "drivers": [{"name": "sdn", "kind": "controller", "controller": "sdn"}],
    "controllers": [{"name": "sdn", "latency": {"bind": 0.02, "confirm": 0.005, "drop": 0.005}}],
    "primary_metric": "latency_s.update_port.p95",
}


def small(**changes: Any) -> Scenario:
    """Half a second, twenty operations; a mapping changes keys of a part, anything else replaces it."""
    merged = dict(SMALL)
    for key, change in changes.items():
        old = merged.get(key)
        merged[key] = {**old, **change} if isinstance(old, Mapping) and isinstance(change, Mapping) else change
    return Scenario.model_validate(merged)


def run_on_sqlite(folder: Path, scenario: Scenario, **how: Any) -> Run:
    """Runs it in real time in a folder."""
    return run(scenario, database=cast(RunDatabase, SqliteDatabase(folder)), **{"strategy": "deferred", **how})
