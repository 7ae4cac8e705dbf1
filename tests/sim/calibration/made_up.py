"""A measurement that nobody made: timings drawn from known distributions."""

from typing import Any

import numpy as np

from sim.calibration.commits import Commits
from sim.calibration.measuring import Circumstances, Measured
from sim.calibration.operations import KINDS, OperationTimings
from sim.calibration.service import Service
from sim.calibration.stopwatch import CLOSE, COMMIT, READ_ONLY, TRIVIAL, Timings

ROWS = 2000
CLIENT_US = {TRIVIAL: 20, "port.lock": 50, "port.update": 40, COMMIT: 30, READ_ONLY: 25, CLOSE: 10}
SERVER_US = {TRIVIAL: 10, "port.lock": 60, "port.update": 30, COMMIT: 70, READ_ONLY: 15, CLOSE: 20}
BEGIN_US = {"client": 12, "server": 8}
TRIP_US = 5
FLUSH_US = 200


def timings(name: str, *, begin: bool = False, rows: int = ROWS, times: float = 1.0) -> Timings:
    """Exponential computing of the server, constant computing of the client, a round trip, a flush for COMMIT."""
    draws = np.random.default_rng(len(name) + 100 * begin)
    first = BEGIN_US if begin else {"client": 0, "server": 0}
    server = times * (1000 * draws.exponential(SERVER_US[name], rows) + 1000 * first["server"])
    client = np.full(rows, times * 1000 * (CLIENT_US[name] + first["client"]))
    trips = 0 if name == CLOSE else (2 if begin else 1)
    waiting = 1000 * TRIP_US * trips + (1000 * draws.exponential(FLUSH_US, rows) if name == COMMIT else 0)
    queued = np.where(draws.random(rows) < 0.3, 1e6 * draws.uniform(2, 5, rows), 0)  # others used the machine
    columns = (client + server + waiting + queued, client, server, queued)
    return Timings(*(np.rint(column).astype(np.int64) for column in columns))


def operations(*, outside_us: float = 100, inside_us: float = 40) -> dict[tuple[str, str], OperationTimings]:
    """Two statements and one transaction for every kind, the same for both strategies."""
    columns = [1000.0, 300.0, inside_us, outside_us]
    found = [np.full(50, round(1000 * us), dtype=np.int64) for us in columns]
    counts = [np.full(50, 2, dtype=np.int64), np.full(50, 1, dtype=np.int64)]
    return {
        (name, kind): OperationTimings(*found, *counts) for name in ("in-transaction", "deferred") for kind in KINDS
    }


def calls(*, begins: bool = True, times: float = 1.0) -> dict[tuple[str, bool], Timings]:
    """port.lock is always the first statement of a transaction, port.update never."""
    return {
        (TRIVIAL, True): timings(TRIVIAL, begin=begins),
        (TRIVIAL, False): timings(TRIVIAL),
        ("port.lock", True): timings("port.lock", begin=begins, times=times),
        ("port.update", False): timings("port.update", times=times),
        **{(name, False): timings(name, times=times) for name in (COMMIT, READ_ONLY, CLOSE)},
    }


def commits(rates_per_s: list[float]) -> tuple[Commits, ...]:
    """What 1, 2, 4 and 8 writers reached."""
    walls = np.full(20, 300_000, dtype=np.int64)
    return tuple(Commits(2**place, walls, rate) for place, rate in enumerate(rates_per_s))


def circumstances(**changes: Any) -> Circumstances:
    """Where it was not measured."""
    about: dict[str, Any] = {
        "kind": "postgresql", "version": "PostgreSQL 18.4", "is_private": True, "driver": "psycopg 3.3.9",
        "python": "3.11.7", "cores": 2, "date": "2026-11-24", "samples": 50, "knows_server": True,
    }  # fmt: skip
    return Circumstances(**about | changes)


def made_up(
    *, begins: bool = True, knows_server: bool = True, rates_per_s: list[float] | None = None,
    service: Service | None = None,
) -> Measured:  # fmt: skip
    """All of it. Where the server does not tell, its columns are 0."""
    found = calls(begins=begins)
    if not knows_server:
        found = {
            key: Timings(t.wall_ns, t.client_ns, np.zeros_like(t.server_ns), t.queued_ns) for key, t in found.items()
        }
    return Measured(
        circumstances=circumstances(knows_server=knows_server), calls=found, operations=operations(),
        commits=commits(rates_per_s or [3000, 5000, 7000, 9000]), service=service,
    )  # fmt: skip
