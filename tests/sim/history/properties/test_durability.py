"""durability on histories written by hand."""

import pytest

from core.binding.promises import DURABILITY
from tests.sim.history.judged import assert_proof, found, word
from tests.sim.history.told import Told
from tests.sim.history.written import bound, moved, port, renamed

BOUND = bound(port(1, "h1"), "t1")
UNBOUND = renamed(BOUND, "").with_binding(BOUND.binding.unbound())


def bound_port(**facts: object) -> Told:
    history = Told(**facts)
    history.initial(BOUND)
    return history


def test_a_rename_a_move_and_a_deletion_of_which_drivers_were_told_keep_it() -> None:
    history = bound_port()
    again = renamed(BOUND, "new")
    history.does(1, 1, BOUND, again)
    elsewhere = moved(again, "h2")
    history.does(2, 2, again, elsewhere)
    history.does(3, 3, elsewhere, None)
    assert word(history, DURABILITY) == "ok"


def test_a_binding_that_goes_while_no_input_changes_is_overwritten() -> None:
    history = bound_port()
    history.does(1, 1, BOUND, UNBOUND)
    judged = found(history, DURABILITY)
    assert judged.cause == "overwritten"
    assert_proof(
        judged, "the set-up committed", "calls update_port_precommit", "T1 (update_port of operation 1) committed",
        names=("port 1", "T1", "operation 1", "nor changed an input"),
    )  # fmt: skip


def test_a_binding_that_another_replaces_while_no_input_changes_is_overwritten() -> None:
    history = bound_port()
    history.does(1, 1, BOUND, bound(BOUND, "t2"))
    assert found(history, DURABILITY).cause == "overwritten"


@pytest.mark.parametrize("after", [moved(BOUND, "h2"), None], ids=["moved", "deleted"])
def test_a_removal_of_which_no_driver_was_told_is_one_untold(after: object) -> None:
    history = bound_port()
    history.commit(1, 1, {1: after})  # type: ignore[dict-item]
    judged = found(history, DURABILITY)
    assert judged.cause == "removed untold"
    assert_proof(judged, "the set-up committed", "T1 (update_port of operation 1) committed", names=("port 1", "sdn"))


def test_one_of_two_drivers_that_was_not_told_is_named() -> None:
    history = bound_port(drivers=("sdn", "log"))
    call = history.callback(1, "delete_port_precommit", BOUND, transaction=1, driver="sdn")
    history.returned(call)
    history.commit(1, 1, {1: None})
    judged = found(history, DURABILITY)
    assert_proof(judged, "set-up", "delete_port_precommit of sdn", "T1", names=("did not tell log of it",))


def test_a_precommit_with_another_binding_as_the_one_before_does_not_tell_of_the_removal() -> None:
    history = bound_port()
    after = moved(BOUND, "h2")
    history.tells(1, "precommit", bound(port(1, "h1"), "t9"), after, transaction=1)
    history.commit(1, 1, {1: after})
    assert found(history, DURABILITY).cause == "removed untold"


def test_a_port_that_was_not_bound_has_nothing_to_lose() -> None:
    history = Told()
    history.initial(port(1, "h1"))
    history.commit(1, 1, {1: None})
    assert word(history, DURABILITY) == "ok"
