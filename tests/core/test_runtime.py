"""RealRuntime, without waiting: ids, locks by name, background tasks; and chance."""

import threading

from core.runtime import RealRuntime, chance
from tests.core.fake_runtime import FakeRuntime


def test_ids_are_uuids_and_never_the_same() -> None:
    runtime = RealRuntime()
    ids = [runtime.new_id() for _ in range(100)]
    assert len(set(ids)) == 100
    assert {len(one) for one in ids} == {36}


def test_a_lock_is_one_a_name() -> None:
    runtime = RealRuntime()
    with runtime.lock("a"), runtime.lock("b"):
        assert runtime.lock("a").locked()  # type: ignore[attr-defined]
        assert not runtime.lock("c").locked()  # type: ignore[attr-defined]
    assert not runtime.lock("a").locked()  # type: ignore[attr-defined]


def test_a_spawned_task_runs_beside_its_creator_and_does_not_hold_the_process() -> None:
    done, threads = threading.Event(), []

    def task() -> None:
        threads.append(threading.current_thread())
        done.set()

    RealRuntime().spawn(task, name="worker")
    assert done.wait(5)
    assert (threads[0].name, threads[0].daemon) == ("worker", True)


def test_time_passes_and_a_sleep_of_nothing_returns() -> None:
    runtime = RealRuntime()
    before = runtime.now()
    runtime.sleep(0)
    assert runtime.now() >= before > 1.6e9


def test_chance_is_taken_from_an_id_and_lies_between_nought_and_one() -> None:
    runtime = FakeRuntime()
    rest = "-0000-4000-8000-000000000000"
    runtime.next_ids.extend(["00000000" + rest, "80000000" + rest, "ffffffff" + rest])
    assert [chance(runtime) for _ in range(3)] == [0.0, 0.5, 1 - 2**-32]
