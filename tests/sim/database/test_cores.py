"""The server's cores: order of arrival, and nobody waits while one is free."""

import pytest

from sim.database.cores import Cores
from sim.kernel import Kernel


def ends_us(cores: int | None, arrivals: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Runs statements (arrival, duration); (number, end) in the order in which they ended."""
    log: list[tuple[int, int]] = []
    with Kernel() as kernel:
        machine = Cores(kernel, cores)

        def statement(number: int, duration_us: int) -> None:
            machine.execute(duration_us)
            log.append((number, kernel.now_us))

        for number, (at_us, duration_us) in enumerate(arrivals):
            kernel.start(lambda n=number, d=duration_us: statement(n, d), name=f"s{number}", delay_us=at_us)
        kernel.run()
    return log


def test_one_core_executes_in_order_of_arrival() -> None:
    assert ends_us(1, [(0, 30), (1, 5), (2, 5), (100, 5)]) == [(0, 30), (1, 35), (2, 40), (3, 105)]


def test_a_statement_gets_the_core_that_is_free_first() -> None:
    assert ends_us(2, [(0, 30), (0, 10), (0, 10), (0, 5)]) == [(1, 10), (2, 20), (3, 25), (0, 30)]


def test_without_a_limit_nobody_waits() -> None:
    assert ends_us(None, [(0, 30), (0, 30), (0, 10)]) == [(2, 10), (0, 30), (1, 30)]


def test_no_core_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="there must be at least 1"):
        Cores(Kernel(), 0)
