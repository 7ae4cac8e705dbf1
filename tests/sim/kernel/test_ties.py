"""What happens first at one instant when that is drawn: any order, the same for the same seed; nothing gets lost."""

from functools import partial
from itertools import islice, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.kernel import AcquireTimeout, Draws, FifoResource, Kernel, Signal, drawn_ties

SEEDS = range(40)


def order(seed: int, *, names: str = "abc") -> str:
    """The order in which processes that sleep to the same instant go on."""
    log: list[str] = []
    with Kernel(ties=drawn_ties(Draws(seed))) as kernel:

        def sleeps(name: str) -> None:
            kernel.sleep_us(5, "nap")
            log.append(name)

        for name in names:
            kernel.start(partial(sleeps, name), name=name)
        kernel.run()
    return "".join(log)


def test_every_order_of_one_instant_happens() -> None:
    assert {order(seed) for seed in range(100)} == {"".join(names) for names in permutations("abc")}


def test_the_same_seed_gives_the_same_order() -> None:
    assert [order(seed, names="abcdefgh") for seed in SEEDS] == [order(seed, names="abcdefgh") for seed in SEEDS]


def test_no_two_events_have_the_same_place() -> None:
    places = list(islice(drawn_ties(Draws(3)), 100_000))
    assert len(set(places)) == len(places)
    assert max(places) < 1 << 64


def test_places_are_keyed_draws_that_end_in_the_number_of_the_event() -> None:
    draws = Draws(3)
    places = list(islice(drawn_ties(draws), 1000))
    purpose = draws.purpose("tie")
    assert places == [draws.bits64(purpose, n) >> 40 << 40 | n for n in range(1000)]


def test_time_comes_before_the_draw() -> None:
    log: list[int] = []
    with Kernel(ties=drawn_ties(Draws(1))) as kernel:
        for at_us in range(100, 0, -1):
            kernel.at(at_us, lambda: log.append(kernel.now_us))
        kernel.run()
    assert log == list(range(1, 101))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_signal_at_the_instant_of_a_timeout_is_either_seen_or_not_and_wakes_once(seed: int) -> None:
    log: list[bool] = []
    with Kernel(ties=drawn_ties(Draws(seed))) as kernel:
        signal = Signal(kernel, "reply")

        def waits() -> None:
            log.append(signal.wait("reply", timeout_us=10))
            kernel.sleep_us(100, "rest")
            log.append(signal.fired)

        kernel.start(waits, name="waits")
        kernel.at(10, signal.fire)
        kernel.run()
        assert kernel.now_us == 110
    assert log[1:] == [True]


def test_both_outcomes_of_that_race_happen() -> None:
    def woken(seed: int) -> bool:
        with Kernel(ties=drawn_ties(Draws(seed))) as kernel:
            signal, log = Signal(kernel, "reply"), list[bool]()
            kernel.start(lambda: log.append(signal.wait("reply", timeout_us=10)), name="waits")
            kernel.at(10, signal.fire)
            kernel.run()
        return log[0]

    assert {woken(seed) for seed in SEEDS} == {True, False}


@given(
    seed=st.integers(0, 2**64 - 1),
    capacity=st.integers(1, 3),
    jobs=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 3) | st.none()), max_size=12),
)
def test_a_resource_serves_everybody_once_within_its_capacity(
    seed: int, capacity: int, jobs: list[tuple[int, int, int | None]]
) -> None:
    ends: list[str] = []
    with Kernel(ties=drawn_ties(Draws(seed))) as kernel:
        resource, most = FifoResource(kernel, "places", capacity), [0]

        def work(start_us: int, lasts_us: int, patience_us: int | None) -> None:
            kernel.sleep_us(start_us, "starting")
            try:
                resource.acquire("place", timeout_us=patience_us)
            except AcquireTimeout:
                ends.append("left")
                return
            most[0] = max(most[0], resource.in_use)
            kernel.sleep_us(lasts_us, "working")
            resource.release()
            ends.append("served")

        for number, job in enumerate(jobs):
            kernel.start(partial(work, *job), name=f"job {number}")
        kernel.run()
        assert (resource.in_use, len(resource.queue)) == (0, 0)
        assert most[0] <= capacity
    assert len(ends) == len(jobs)
    assert "left" not in ends or any(patience_us is not None for _, _, patience_us in jobs)
