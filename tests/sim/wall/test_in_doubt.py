"""Which commits took effect whose acknowledgement nobody noted: by what others saw, and against a simulated truth."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from core.records import Port, PortBinding
from sim.history.writer import flat_port
from sim.wall.event_log import SLOTS, Event
from sim.wall.in_doubt import WallCommit, commits_of

END = 10_000 * SLOTS


def _port(port_id: str, revision: int, name: str = "") -> Port:
    binding = PortBinding("host-1", "normal", "", "unbound", "", None, None, "", 0)
    values = {
        "id": port_id, "name": name, "network_id": "n", "admin_state_up": True, "status": "DOWN", "device_id": "",
        "device_owner": "", "mac_address": "m", "tenant_id": "t", "revision_number": revision,
    }  # fmt: skip
    return Port._make([values.get(field, binding if field == "binding" else ()) for field in Port._fields])


def _left(port: Port) -> tuple[str, tuple[Any, ...]]:
    return port.id, flat_port(port)


class _Told:
    """The events of a run, written by hand; each takes the next position."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._transaction = 0

    def committing(self, port: Port | str, *, saw: int | None = None) -> int:
        """A transaction sends COMMIT of a port, or of its deletion, having seen a revision of it; its number."""
        self._transaction += 1
        left = (port, None) if isinstance(port, str) else _left(port)
        seen = {} if saw is None else {left[0]: saw}
        self._write("committing", self._transaction, -1, "update_port", [left], seen, None)
        return self._transaction

    def committed(self, port: Port | str, *, saw: int | None = None) -> int:
        """The same, acknowledged."""
        number = self.committing(port, saw=saw)
        self._write("committed", number)
        return number

    def refused(self, port: Port | str, *, saw: int | None = None) -> int:
        """The same, refused."""
        number = self.committing(port, saw=saw)
        self._write("refused", number)
        return number

    def commits(self, *final: Port) -> list[WallCommit]:
        """What took effect, if the database at rest has these ports."""
        return commits_of(self.events, final={port.id: port for port in final}, end=END)

    def numbers(self, *final: Port) -> list[int]:
        """The transactions of these."""
        return [commit.transaction for commit in self.commits(*final)]

    def _write(self, what: str, *arguments: Any) -> None:
        self.events.append(Event((len(self.events) + 1) * SLOTS, what, arguments))


def test_what_was_acknowledged_took_effect_and_is_known_from_then_on() -> None:
    told = _Told()
    told.committed(_port("a", 1))
    (commit,) = told.commits()
    assert (commit.sent, commit.known) == (SLOTS, 2 * SLOTS)


def test_what_was_refused_did_not() -> None:
    told = _Told()
    told.refused(_port("a", 1))
    assert told.commits(_port("a", 1)) == []


def test_what_somebody_saw_took_effect_before_that_one_committed() -> None:
    told = _Told()
    doubtful = told.committing(_port("a", 2), saw=1)
    later = told.committed(_port("a", 3), saw=2)
    first, second = told.commits(_port("a", 3))
    assert [first.transaction, second.transaction] == [doubtful, later]
    assert first.sent < first.known < second.sent


def test_what_the_database_has_at_rest_took_effect_and_is_known_by_then() -> None:
    told = _Told()
    told.committing(_port("a", 2), saw=1)
    (commit,) = told.commits(_port("a", 2))
    assert commit.known == END


def test_what_nobody_saw_and_the_database_does_not_have_did_not() -> None:
    told = _Told()
    told.committing(_port("a", 2, "lost"), saw=1)
    assert told.commits(_port("a", 1)) == []


def test_what_another_left_in_its_place_did_not() -> None:
    told = _Told()
    told.committing(_port("a", 2, "lost"), saw=1)
    other = told.committed(_port("a", 2, "kept"), saw=1)
    assert told.numbers(_port("a", 2, "kept")) == [other]


def test_of_two_in_doubt_with_one_revision_only_the_last_can_have() -> None:
    told = _Told()
    told.committing(_port("a", 2, "lost"), saw=1)
    second = told.committing(_port("a", 2, "kept"), saw=1)
    later = told.committed(_port("a", 3), saw=2)
    assert told.numbers(_port("a", 3)) == [second, later]


def test_a_deletion_took_effect_if_the_port_is_gone_and_nobody_else_deleted_it() -> None:
    told = _Told()
    doubtful = told.committing("a", saw=1)
    assert told.numbers() == [doubtful]
    assert told.numbers(_port("a", 1)) == []
    other = told.committed("a", saw=1)
    assert told.numbers() == [other]


def test_a_port_that_was_created_and_deleted_both_in_doubt_was_there() -> None:
    told = _Told()
    both = [told.committing(_port("a", 0)), told.committing("a", saw=0)]
    assert told.numbers() == both


def test_a_creation_that_nobody_saw_did_not_happen() -> None:
    told = _Told()
    told.committing(_port("a", 0))
    assert told.commits() == []


class _Attempt(NamedTuple):
    """What one transaction tries, what becomes of it, and whether its process lives to note that."""

    port: str
    deletes: bool
    takes_effect: bool
    is_noted: bool


_ATTEMPTS = st.lists(
    st.builds(_Attempt, st.sampled_from("ab"), st.booleans(), st.booleans(), st.booleans()), max_size=25
)


def _tried(told: _Told, attempts: list[_Attempt]) -> Iterator[tuple[int, bool, dict[str, Port]]]:
    """Each transaction, whether it took effect, and the database afterwards. A port that was deleted is gone."""
    ports: dict[str, Port] = {}
    gone: set[str] = set()
    for place, attempt in enumerate(attempts):
        before = ports.get(attempt.port)
        if attempt.port in gone or (before is None and attempt.deletes):
            continue
        revision = -1 if before is None else before[8]
        left = attempt.port if attempt.deletes else _port(attempt.port, revision + 1, f"by {place}")
        ends = told.committing if not attempt.is_noted else told.committed if attempt.takes_effect else told.refused
        number = ends(left, saw=None if before is None else revision)
        if attempt.takes_effect and isinstance(left, Port):
            ports[attempt.port] = left
        elif attempt.takes_effect:
            del ports[attempt.port]
            gone.add(attempt.port)
        yield number, attempt.takes_effect, ports


@given(_ATTEMPTS)
@settings(max_examples=500)
def test_exactly_those_are_found_that_took_effect(attempts: list[_Attempt]) -> None:
    told = _Told()
    tried = list(_tried(told, attempts))
    final = tried[-1][2] if tried else {}
    assert told.numbers(*final.values()) == [number for number, takes_effect, _ in tried if takes_effect]


@given(_ATTEMPTS)
def test_each_is_known_after_it_was_sent_and_before_the_next_of_its_port(attempts: list[_Attempt]) -> None:
    told = _Told()
    tried = list(_tried(told, attempts))
    final = tried[-1][2] if tried else {}
    after: dict[str, WallCommit] = {}
    for commit in reversed(told.commits(*final.values())):
        assert commit.sent < commit.known <= END
        following = after.get(commit.left[0][0])
        assert following is None or commit.known < following.sent
        after[commit.left[0][0]] = commit
