"""Controllers in trouble: calls that get lost, answers that get lost, slow and failing calls, and what callers see."""

from typing import Any

import pytest

from tests.sim.model.faults.faulty import Outcome, Told, ran
from tests.sim.model.tiny import controller, moves, scripted, tiny


def fault(**settings: Any) -> list[dict[str, Any]]:
    return [{"controller": {"name": "sdn", "at_s": 0, "for_s": 2, **settings}}]


def storm(at_s: float, count: int = 1) -> dict[str, Any]:
    return {"arrivals": {"storm": {"at_s": at_s, "count": count}}}


def ends(run: Outcome) -> list[tuple[Any, ...]]:
    return run.operations("outcome", "ended_s", "bound")


def test_a_call_to_a_controller_that_is_down_waits_for_the_whole_timeout_in_vain() -> None:
    with ran(faults=fault(down=True), controllers=controller(timeout_s=10)) as run:
        assert ends(run) == [("ok", 10, 0)]
        assert run.told == [
            "0 controller: sdn goes down for 2 s with 0 calls",
            "0 controller: bind at sdn never arrives",
        ]
        assert run.ending.quiescent
        assert (run.ending.lost["missing"], run.ending.lost["missing.after_read"]) == (1, 0)


def test_calls_under_way_and_in_the_queue_are_lost_when_it_goes_down() -> None:
    down = [{"controller": {"name": "sdn", "at_s": 0.5, "for_s": 2, "down": True}}]
    with ran(workload=storm(0, 3), faults=down, controllers=controller(timeout_s=4, concurrency=1)) as run:
        assert ends(run) == [("ok", 4, 0)] * 3
        assert run.told == ["0.5 controller: sdn goes down for 2 s with 3 calls"]
        assert run.ending.virtual_us < 4_200_000  # nothing is outstanding at the controller


def test_a_controller_that_is_up_again_works_on_what_comes_then() -> None:
    with ran(workload=storm(0.4, 2), faults=fault(down=True, for_s=0.4)) as run:
        assert ends(run) == [("ok", 1.4, 1)] * 2
        assert set(run.entries) == {"sdn-0-0", "sdn-1-0"}


def test_its_table_survives() -> None:
    load = {"arrivals": {"storm": {"at_s": 0.4, "count": 1}}, "ports": {"initial": 2}}
    with ran(workload=load, faults=fault(down=True, for_s=0.4)) as run:
        assert len(run.entries) == 3


def test_an_answer_that_gets_lost_leaves_what_the_call_did() -> None:
    lossy = controller(timeout_s=3)
    with ran(faults=fault(answer_loss_probability=1, for_s=1), controllers=lossy) as run:
        assert ends(run) == [("ok", 3, 0)]
        assert run.told == ["1 controller: bind at sdn was done, its answer gets lost"]
        assert run.ending.lost["orphaned"] == 1


@pytest.mark.parametrize("timeout_s", [1, 3])
def test_a_lost_answer_is_waited_for_no_longer_than_the_timeout(timeout_s: float) -> None:
    with ran(faults=fault(answer_loss_probability=1), controllers=controller(timeout_s=timeout_s)) as run:
        assert [end for _, end, _ in ends(run)] == [pytest.approx(timeout_s, abs=1e-5)]


def test_only_the_share_of_answers_gets_lost_that_the_fault_says() -> None:
    faults = fault(answer_loss_probability=0.3, for_s=50)
    load = {"arrivals": {"constant": {"rate_per_s": 10}}}
    with ran(workload=load, horizon={"duration_s": 40}, api={"threads": 500}, faults=faults) as run:
        lost = [line for line in run.told if "bind at sdn" in line]
        assert 80 < len(lost) < 160  # 120 expected of 399; standard deviation 9
        assert run.ending.lost["missing"] == len(lost)


def test_a_slow_controller_takes_longer_for_calls_that_start_in_the_window() -> None:
    load = {"arrivals": {"constant": {"rate_per_s": 1}}}
    with ran(workload=load, horizon={"duration_s": 3.5}, faults=fault(latency_factor=2.5, for_s=2.5)) as run:
        assert sorted(end for _, end, _ in ends(run)) == [3.5, 4, 4.5]
        assert run.told == ["1 controller: sdn takes 2.5 times as long"]


def test_calls_fail_in_the_window_as_in_a_degraded_one() -> None:
    with ran(faults=fault(error_probability=1)) as run:
        assert ends(run) == [("ok", 1, 0)]
        assert run.told == ["0 controller: bind at sdn fails"]
        assert run.ending.lost["missing"] == 1


def test_an_error_that_would_have_come_anyway_is_no_fault() -> None:
    with ran(faults=fault(error_probability=0.5), controllers=controller(error_probability=1.0)) as run:
        assert run.told == []


def test_faults_come_on_top_of_degraded_windows_and_of_each_other() -> None:
    degraded = controller(degraded=[{"from_s": 0, "to_s": 2, "latency_factor": 2}], timeout_s=100)
    with ran(faults=fault(latency_factor=3) + fault(latency_factor=5), controllers=degraded) as run:
        assert ends(run) == [("ok", 30, 1)]


def test_in_transaction_binding_holds_its_locks_while_it_waits_in_vain() -> None:
    scenario = tiny(
        workload={"ports": {"initial": 1}}, faults=fault(down=True, for_s=6), controllers=controller(timeout_s=5)
    )
    with scripted(scenario, "in-transaction") as script:
        told = Told(script.system)
        script.at(0, "first", moves(script, 0, "host-2"))
        script.at(100, "second", moves(script, 0, "host-3"))
        # Each waits for 5 s in bind_port, and the first for the drop of the old binding after its commit as well.
        assert script.run() == ["first MechanismDriverError at 10000", "second done at 10000"]
        assert sorted(told.lines) == [
            "0 controller: bind at sdn never arrives",
            "0 controller: sdn goes down for 6 s with 0 calls",
            "5 controller: bind at sdn never arrives",
            "5 controller: drop at sdn never arrives",
        ]


def test_a_controllers_faults_leave_the_latencies_of_all_calls_as_they_were() -> None:
    drawn = controller(latency={"bind": {"exponential": {"mean_s": 1}}})
    later = [{"controller": {"name": "sdn", "at_s": 90, "for_s": 1, "down": True}}]
    with (
        ran(workload=storm(0, 5), controllers=drawn) as usual,
        ran(workload=storm(0, 5), controllers=drawn, faults=later) as faulty,
    ):
        assert ends(usual) == ends(faulty)
