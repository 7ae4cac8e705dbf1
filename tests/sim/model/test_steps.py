"""The mix of operations and the numbers of operations."""

from typing import Any

from sim.model.steps import Mix, Step, compile_mix
from tests.sim.model.tiny import tiny

LATER = {"after_s": 1}


def mix(*operations: dict[str, Any], **client: Any) -> Mix:
    return compile_mix(tiny(workload={"operations": list(operations), "client": client}).workload)


def places(step: Step) -> list[int]:
    return [step.place, *[place for child in step.then for place in places(child)]]


def test_every_step_of_a_tree_has_a_place_of_its_own() -> None:
    built = mix(
        {
            "operation": "create_port",
            "then": [
                {"operation": "get_port", "count": 2, "then": [{"operation": "update_port", **LATER}], **LATER},
                {"operation": "delete_port", **LATER},
            ],
        }
    )
    assert places(built.roots[0]) == [0, 1, 2, 3, 4, 5]
    assert built.steps_per_arrival == 6


def test_a_mix_knows_the_kinds_in_its_trees() -> None:
    built = mix(
        {"operation": "create_binding", "then": [{"operation": "activate", **LATER}]}, {"operation": "get_ports"}
    )
    assert [built.has(kind) for kind in ("create_binding", "activate", "get_ports")] == [True, True, True]
    assert not built.has("delete_binding")


def test_operations_and_their_repeats_never_share_a_number() -> None:
    built = mix(
        {"operation": "create_port", "then": [{"operation": "delete_port", **LATER}]},
        {"operation": "get_ports"},
        timeout_s=1,
        retries=2,
        on_timeout="delete",
    )
    first = built.roots[0]
    taken = [
        built.operation(arrival, step) + slot
        for arrival in range(3)
        for step in (first, first.then[0])
        for slot in range(1 + 2 + 1)
    ]
    assert taken == list(range(24))


def test_entries_are_drawn_by_weight() -> None:
    built = mix(
        {"operation": "create_port", "weight": 1},
        {"operation": "get_ports", "weight": 3},
        {"operation": "delete_port", "weight": 0},
    )
    drawn = [built.root((n + 0.5) / 100).kind for n in range(100)]
    assert drawn.count("create_port") == 25
    assert drawn.count("get_ports") == 75
