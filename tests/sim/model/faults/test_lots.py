"""Which visits a fault takes: by chance, by number, by time, whatever else happens."""

from collections.abc import Iterator
from typing import Any

import pytest

from sim.kernel import Draws, Kernel
from sim.model.faults.lots import Lots
from sim.model.work import Work
from sim.scenario import DeadlockFault


@pytest.fixture
def kernel() -> Iterator[Kernel]:
    with Kernel() as made:
        yield made


def lots(kernel: Kernel, *faults: dict[str, Any], place: str = "here") -> Lots[DeadlockFault]:
    return Lots(place, [DeadlockFault.model_validate(f) for f in faults], kernel=kernel, draws=Draws(5))


def visits(place: Lots[DeadlockFault], operation: int, times: int, transaction: str | None = None) -> list[int]:
    """The visits of an operation that a fault takes."""
    work = Work(-1)
    work.begin(operation, -1)
    return [nth for nth in range(times) if place.taken(work, transaction=transaction) is not None]


def test_one_visit_of_one_operation_is_taken(kernel: Kernel) -> None:
    place = lots(kernel, {"operation": 3, "nth": 2})
    assert [visits(place, operation, 5) for operation in range(5)] == [[], [], [], [2], []]


def test_without_a_number_all_visits_of_the_operation_are_taken(kernel: Kernel) -> None:
    place = lots(kernel, {"operation": 3})
    assert [visits(place, operation, 3) for operation in (2, 3)] == [[], [0, 1, 2]]


def test_a_share_of_the_visits_is_taken_the_same_in_any_order_and_beside_any_other(kernel: Kernel) -> None:
    place = lots(kernel, {"probability": 0.25})
    forward = [visits(place, operation, 20) for operation in range(100)]
    assert 400 < sum(map(len, forward)) < 600  # 500 expected of 2,000; standard deviation 19
    place = lots(kernel, {"operation": 1000}, {"probability": 0.25})
    assert [visits(place, operation, 20) for operation in reversed(range(100))] == forward[::-1]


def test_another_place_is_drawn_for_by_itself(kernel: Kernel) -> None:
    one, other = (lots(kernel, {"probability": 0.5}, place=place) for place in ("here", "there"))
    assert [visits(one, n, 20) for n in range(5)] != [visits(other, n, 20) for n in range(5)]


def test_a_timed_one_takes_the_first_visit_from_then_on_and_no_other(kernel: Kernel) -> None:
    place = lots(kernel, {"at_s": 2})
    work = Work(-1)
    work.begin(0, -1)
    taken: list[int] = []
    for at_s in (1, 2, 3):
        kernel.at(at_s * 1_000_000, lambda: taken.append(kernel.now_us) if place.taken(work) else None)
    kernel.run()
    assert taken == [2_000_000]


def test_only_the_named_transactions_are_concerned_but_every_visit_counts(kernel: Kernel) -> None:
    place = lots(
        kernel, {"operation": 0, "transactions": ["commit_binding"]}, {"at_s": 0, "transactions": ["get_port"]}
    )
    assert visits(place, 0, 2, "create_port") == []
    assert visits(place, 0, 2, "commit_binding") == [0, 1]
    assert visits(place, 7, 2, "get_port") == [0]


def test_work_in_the_background_has_chances_and_a_worker_between_operations_none(kernel: Kernel) -> None:
    place = lots(kernel, {"probability": 1.0})
    idle, background = Work(-2), Work(-3)
    idle.begin(4, -1)
    idle.operation = -1
    assert place.taken(idle) is None
    assert str(place.taken(background)).endswith("background work, visit 0")
