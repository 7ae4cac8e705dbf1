"""COMMITs by several writers at once: how long each takes, and how many the server makes durable a second.

Every writer is a thread with a connection of its own; it changes a row that nobody else changes and commits. The
threads share one interpreter, which a COMMIT leaves free.
"""

import threading
import time
from dataclasses import dataclass
from time import perf_counter_ns

import numpy as np
from sqlalchemy import Engine

from core import statements
from core.engine import EngineConnections
from sim.calibration.stopwatch import Nanoseconds
from sim.model.world import World

WRITERS = (1, 2, 4, 8)
"""How many write at once, in turn."""


@dataclass(frozen=True, slots=True, eq=False)
class Commits:
    """What so many writers at once saw: how long each COMMIT took, ns, and how many there were a second."""

    writers: int
    wall_ns: Nanoseconds
    rate_per_s: float


def commits(engine: Engine, world: World, *, writers: int, each: int) -> Commits:
    """`each` COMMITs of each of `writers` threads."""
    connect = EngineConnections(engine)
    start = threading.Barrier(writers + 1)
    walls: list[list[int]] = [[] for _ in range(writers)]
    failures: list[BaseException] = []

    def write(place: int) -> None:
        try:
            start.wait()
            _write(connect, world.subnets[place % len(world.subnets)][0], walls[place], each)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(place,), daemon=True) for place in range(writers)]
    for thread in threads:
        thread.start()
    start.wait()
    began_s = time.perf_counter()
    for thread in threads:
        thread.join()
    lasted_s = time.perf_counter() - began_s
    if failures:
        raise failures[0]
    return Commits(
        writers, np.array([wall for part in walls for wall in part], dtype=np.int64), writers * each / lasted_s
    )


def _write(connect: EngineConnections, subnet_id: str, walls: list[int], each: int) -> None:
    """Changes the pool of one subnet and commits, again and again."""
    for number in range(each):
        connection = connect()
        connection.execute(
            statements.POOL_ADVANCE, {"pool_id": subnet_id, "next_offset": number + 1000, "wrapped": number % 2}
        )
        began_ns = perf_counter_ns()
        connection.commit()
        walls.append(perf_counter_ns() - began_ns)
        connection.close()
