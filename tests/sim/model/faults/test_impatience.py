"""Impatient clients: who they are, and what they do when they have waited long enough."""

from typing import Any

from tests.sim.model.faults.faulty import ran
from tests.sim.model.tiny import controller

SLOW = controller(latency={"bind": 4})


def load(count: int = 1, **changes: Any) -> dict[str, Any]:
    return {"arrivals": {"storm": {"at_s": 0, "count": count}}, **changes}


def test_an_impatient_client_gives_up_where_others_wait_for_ever() -> None:
    follows = [{"operation": "create_port", "then": [{"operation": "delete_port"}]}]
    faults = [{"impatience": {"operation": 0, "patience_s": 1}}]
    with ran(workload=load(operations=follows), faults=faults, controllers=SLOW) as run:
        assert run.operations("operation", "ended_s") == [(0, 4)]  # the server goes on
        assert run.system.load.skipped_follow_ups == 1
        assert run.told == ["1 impatience: the client of create_port (operation 0) waits no longer than 1 s"]


def test_it_deletes_its_port_where_clients_do_so() -> None:
    patient = {"timeout_s": 60, "on_timeout": "delete"}
    faults = [{"impatience": {"operation": 0, "patience_s": 1}}]
    with ran(workload=load(client=patient), faults=faults, controllers=SLOW) as run:
        kinds = [kind for kind, _ in run.operations("kind", "operation")]
        assert sorted(kinds) == ["create_port", "delete_port"]
        assert run.ports == {}


def test_it_repeats_where_clients_do_so() -> None:
    patient = {"timeout_s": 60, "on_timeout": "repeat", "retries": 1}
    faults = [{"impatience": {"operation": 0, "patience_s": 1}}]
    with ran(workload=load(client=patient), faults=faults, controllers=SLOW) as run:
        assert run.operations("operation", "repeat_of", "ended_s") == [(0, -1, 4), (1, 0, 6)]


def test_whose_answer_comes_in_time_is_not_impatient() -> None:
    with ran(faults=[{"impatience": {"operation": 0, "patience_s": 5}}], controllers=SLOW) as run:
        assert run.told == []


def test_a_share_of_the_clients_is_impatient_the_same_under_every_strategy() -> None:
    faults = [{"impatience": {"probability": 0.2, "patience_s": 1}}]
    seen: list[list[str]] = []
    for strategy in ("in-transaction", "deferred"):
        with ran(strategy, workload=load(200), api={"threads": 200}, faults=faults, controllers=SLOW) as run:
            seen.append(sorted(run.told))
    assert seen[0] == seen[1]
    assert 20 < len(seen[0]) < 62  # 40 expected; standard deviation 5.7


def test_the_first_fault_that_means_a_client_says_how_patient_it_is() -> None:
    faults = [{"impatience": {"operation": 0, "patience_s": 3}}, {"impatience": {"probability": 1, "patience_s": 1}}]
    with ran(workload=load(2), faults=faults, controllers=SLOW) as run:
        assert [line.split()[0] for line in run.told] == ["1", "3"]
