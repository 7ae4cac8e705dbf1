"""What a transaction leaves of ports is known from its statements, or said to be unknown."""

from typing import Any

from core import statements
from core.database import Result
from core.statements import Statement
from sim.wall.images import Images

ROW = ("p", "net", "name", "mac", True, "DOWN", "device", "owner", 4, "h", "normal", "", "ovs", "{}", "sdn", "s", "", 7)
LEFT = ("p", "name", True, "DOWN", "device", "owner", 4, "h", "normal", "", "ovs", "{}", "sdn", "s", "", 7)
WRITTEN = Result([], 1)
BINDING = statements.BINDING_INSERT.column_keys[1:]  # type: ignore[index]


def _after(*done: tuple[Statement, dict[str, Any], Result]) -> Images:
    images = Images()
    for statement, params, result in done:
        images.look(statement, params, result)
    return images


def _locked() -> tuple[Statement, dict[str, Any], Result]:
    return statements.PORT_LOCK, {"port_id": "p"}, Result([ROW], 1)


def _read() -> tuple[Statement, dict[str, Any], Result]:
    return statements.PORT_READ, {"port_id": "p"}, Result([(*ROW, None, None)], 1)


def _changed(**columns: Any) -> tuple[Statement, dict[str, Any], Result]:
    return statements.port_update(tuple(columns), same_revision=False), {"port_id": "p", **columns}, WRITTEN


def _changed_binding(**columns: Any) -> tuple[Statement, dict[str, Any], Result]:
    return statements.binding_update(tuple(columns)), {"binding_port_id": "p", **columns}, WRITTEN


def test_of_a_locked_port_an_update_of_some_columns_leaves_the_others_as_they_were() -> None:
    images = _after(_locked(), _changed(revision_number=5), _changed_binding(host="other", binding_generation=8))
    assert not images.unread
    assert images.seen == {"p": 4}
    assert images.left() == [("p", (*LEFT[:6], 5, "other", *LEFT[8:-1], 8))]


def test_a_port_that_was_written_without_a_lock_has_to_be_read_back() -> None:
    images = _after(_read(), _changed(revision_number=5), _changed_binding(host="other"))
    assert images.unread == {"p"}
    images.read_back((*ROW[:8], 5, "other", *ROW[10:]))
    assert not images.unread
    assert images.left() == [("p", (*LEFT[:6], 5, "other", *LEFT[8:]))]


def test_a_lock_after_the_write_shows_it_and_is_no_evidence_of_what_others_have_committed() -> None:
    images = _after(_read(), _changed(name="new"), _locked())
    assert not images.unread
    assert images.seen == {"p": 4}
    own = _after(_changed(name="new"), _locked())
    assert own.seen == {}


def test_what_found_no_row_leaves_nothing() -> None:
    missed = Result([], 0)
    deletion = statements.port_delete(same_revision=True)
    images = _after(
        _read(), (*_changed(name="new")[:2], missed), (deletion, {"port_id": "p", "previous_revision": 3}, missed)
    )
    assert (images.left(), images.unread) == ([], set())


def test_a_binding_row_that_is_inserted_on_demand_leaves_the_port_as_it_was() -> None:
    nothing, row = Result([], 0), dict(zip(BINDING, ("", "normal", "", "unbound", "", None, None, "", 0), strict=True))
    inserted = (statements.BINDING_INSERT, {"port_id": "p", **row}, WRITTEN)
    found = (*ROW[:9], *row.values())
    looked = (statements.PORT_READ, {"port_id": "p"}, nothing), inserted
    assert _after(*looked).left() == []
    locked = (statements.PORT_LOCK, {"port_id": "p"}, nothing), inserted, (*_locked()[:2], Result([found], 1))
    images = _after(*locked, _changed(revision_number=5), _changed_binding(host="h", binding_generation=1))
    assert not images.unread
    assert images.left() == [("p", *[(*LEFT[:6], 5, "h", "normal", "", "unbound", "", None, None, "", 1)])]


def test_a_deletion_needs_no_reading_back() -> None:
    deletion = statements.port_delete(same_revision=True)
    images = _after(_read(), _changed(name="new"), (deletion, {"port_id": "p", "previous_revision": 4}, WRITTEN))
    assert (images.left(), images.unread) == ([("p", None)], set())
