"""Pools of connections: limits, order, time-outs, and that what is given back is clean."""

import pytest

from core import statements as sql
from core.exceptions import PoolTimeout
from sim.database import ModelledDatabase
from sim.kernel import Kernel
from tests.sim.database.scripted import load_topology


@pytest.fixture
def database(kernel: Kernel) -> ModelledDatabase:
    database = ModelledDatabase(kernel)
    load_topology(database)
    return database


def test_who_finds_the_pool_exhausted_waits_in_line(kernel: Kernel, database: ModelledDatabase) -> None:
    pool = database.pool(size=1, max_overflow=1)
    log: list[tuple[str, int, int]] = []

    def use(name: str) -> None:
        connection = pool.connect()
        log.append((name, kernel.now_us, connection.pool_wait_us))
        kernel.sleep_us(10, "use")
        connection.close()

    for n, name in enumerate("ABCD"):
        kernel.start(lambda name=name: use(name), name=name, delay_us=n)
    kernel.run()
    assert log == [("A", 0, 0), ("B", 1, 0), ("C", 10, 8), ("D", 11, 8)]
    assert pool.resource.in_use == 0


def test_waiting_for_a_connection_ends_with_pool_timeout(kernel: Kernel, database: ModelledDatabase) -> None:
    pool = database.pool(size=1, max_overflow=0, timeout_s=0.002)
    log: list[tuple[str, int]] = []

    def hold() -> None:
        connection = pool.connect()
        kernel.sleep_us(5000, "use")
        connection.close()

    def wait() -> None:
        with pytest.raises(PoolTimeout, match=r"no connection within 0\.002 s from a pool of 1 with overflow 0"):
            pool.connect()
        log.append(("gave up", kernel.now_us))
        kernel.sleep_us(4000, "other")
        pool.connect().close()
        log.append(("served", kernel.now_us))

    kernel.start(hold, name="A")
    kernel.start(wait, name="B", delay_us=1)
    kernel.run()
    assert log == [("gave up", 2001), ("served", 6001)]


def test_pools_of_two_processes_do_not_share(kernel: Kernel, database: ModelledDatabase) -> None:
    pools = [database.pool(size=1, max_overflow=0) for _ in range(2)]
    waits: list[int] = []

    def use() -> None:
        connections = [pool.connect() for pool in pools]
        waits.extend(connection.pool_wait_us for connection in connections)

    kernel.start(use, name="A")
    kernel.run()
    assert waits == [0, 0]


def test_closing_rolls_back_and_closing_again_does_nothing(kernel: Kernel, database: ModelledDatabase) -> None:
    pool = database.pool(size=1, max_overflow=0)

    def use() -> None:
        connection = pool.connect()
        connection.execute(sql.PORT_DELETE, {"port_id": "p1"})
        connection.close()
        connection.close()

    kernel.start(use, name="A")
    kernel.run()
    assert pool.resource.in_use == 0
    assert database.open_transactions() == []
    assert database.committed("SELECT count(*) FROM ports") == [(4,)]
