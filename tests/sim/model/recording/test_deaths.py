"""Nothing is recorded of a dead process: its history ends with the fault."""

import pytest

from sim.history import History, check
from tests.sim.model.recording.recorded import CREATE, recorded, rows
from tests.sim.model.tiny import controller

POINTS = ["before_commit", "after_commit", "before_postcommit", "in_driver_call", "between_transactions"]
BY_THE_CORE = {
    "answers": "position", "ends": "position", "callbacks": "position", "reads": "last", "attempts": "position",
    "commits": "last",
}  # fmt: skip


def killed(point: str, nth: int, strategy: str) -> History:
    """The only operation's process dies at a point."""
    faults = [{"crash": {"point": point, "operation": 0, "nth": nth, "restart_after_s": None}}]
    return recorded(CREATE, faults=faults, strategy=strategy, controllers=controller(latency={"bind": 1, "confirm": 1}))


def after_death(history: History) -> list[tuple[str, int]]:
    """What the tables have of operation 0 after the fault."""
    ((death,),) = rows(history, "faults", "position")
    return [
        (table, at)
        for table, position in BY_THE_CORE.items()
        for at, operation in rows(history, table, position, "operation")
        if operation == 0 and at > death
    ]


@pytest.mark.parametrize("nth", [0, 1])
@pytest.mark.parametrize("point", POINTS)
def test_the_history_of_an_operation_ends_where_its_process_died(point: str, nth: int) -> None:
    history = killed(point, nth, "deferred")
    if rows(history, "faults", "position"):  # not every point is visited twice
        assert after_death(history) == []
        assert rows(history, "answers", "operation") == []
    assert nth == 1 or rows(history, "faults", "kind") == [("crash",)]


def test_a_driver_call_in_which_the_process_died_never_returned() -> None:
    history = killed("in_driver_call", 0, "deferred")
    methods = [method for (method,) in rows(history, "callbacks", "method")]
    returned = {call for (call,) in rows(history, "returns", "callback")}
    assert [method for call, method in enumerate(methods) if call not in returned] == ["bind_port"]


@pytest.mark.parametrize("strategy", ["deferred", "in-transaction"])
@pytest.mark.parametrize("point", ["before_commit", "in_driver_call"])
def test_a_death_breaks_no_promise(point: str, strategy: str) -> None:
    assert check(killed(point, 0, strategy)).broken == []


def test_a_call_that_the_controller_performs_after_the_death_is_the_controllers_word() -> None:
    history = killed("in_driver_call", 0, "deferred")
    ((death,),) = rows(history, "faults", "position")
    changes = rows(history, "changes", "position", "what")
    assert [what for at, what in changes if at > death] == ["reserved"]
