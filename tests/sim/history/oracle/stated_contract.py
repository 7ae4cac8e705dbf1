"""What contract states, as naively as can be."""

from collections.abc import Iterator
from itertools import permutations
from typing import NamedTuple

from sim.history.rows import GONE
from tests.sim.history.oracle.stated import POSTCOMMITS, PRECOMMITS
from tests.sim.history.oracle.truth import BINDING, INPUTS, Truth, Word, plain, worst


class _Told(NamedTuple):
    """What a postcommit says, and who says it to whom; states by content."""

    operation: int
    driver: int
    method: str | None
    state: object
    previous: object


def contract(truth: Truth) -> Word:
    """Every driver is called as driver_api.py says."""
    places = [_is_in_its_place(truth, row) for row in range(len(truth.callbacks))]
    commits = [_is_committed_rightly(truth, index) for index in range(len(truth.writes))]
    nothing = [_is_of_a_change(truth, row) for row in truth.calls_of(*PRECOMMITS)]
    return worst([*(plain(each) for each in (*places, *commits, *nothing)), *_postcommits(truth)])


def _is_in_its_place(truth: Truth, row: int) -> bool:
    call = truth.callbacks[row]
    method = truth.words.methods.name(call.method) or ""
    inside = truth.facts.binds_inside if method == "bind_port" else method.endswith("precommit")
    return inside == (call.transaction >= 0)


def _kind(before: int, after: int) -> str:
    return "create" if before == GONE else "delete" if after == GONE else "update"


def _is_committed_rightly(truth: Truth, index: int) -> bool:
    write, before = truth.writes[index], truth.before(index)
    transaction = truth.commits[write.commit].transaction
    if transaction < 0:
        return True
    if before == write.state == GONE:
        return False  # something follows a deletion
    rows = [row for row in truth.calls_of(*PRECOMMITS)
            if truth.callbacks[row].transaction == transaction and truth.port_of(row) == write.port]  # fmt: skip
    told = sorted(truth.callbacks[row].driver for row in rows) == sorted(truth.drivers())
    return (
        told and all(_says(truth, row, before, write.state) for row in rows) and _is_a_case(truth, before, write.state)
    )


def _says(truth: Truth, row: int, before: int, after: int) -> bool:
    call, kind = truth.callbacks[row], _kind(before, after)
    returned = truth.returned(row)
    current = before if kind == "delete" else after
    original = before if kind == "update" else GONE
    return (
        truth.words.methods.name(call.method) == f"{kind}_port_precommit"
        and truth.state(call.state) == truth.state(current)
        and truth.state(call.previous) == truth.state(original)
        and (returned is None or truth.words.returns.name(returned.outcome) == "ok")
    )


def _is_a_case(truth: Truth, before: int, after: int) -> bool:
    """Cases 3a to 5."""
    old, new = truth.state(before), truth.state(after)
    if new is None:
        return True
    inside, bound = truth.facts.binds_inside, truth.is_bound(after)
    unbound = truth.words.vif_types.name(new.vif_type) == "unbound"
    if inside and truth.has_host(after) and unbound:
        return False
    if old is None:
        return inside or unbound
    if new.revision != old.revision + 1 or bound != (new.driver >= 0) or bound != (new.segment >= 0):
        return False
    if truth.part(before, INPUTS) == truth.part(after, INPUTS):
        return not truth.is_bound(before) or truth.part(before, BINDING) == truth.part(after, BINDING)
    down = truth.words.statuses.name(new.status) == "DOWN"
    return inside or (unbound and (down or not truth.is_bound(before)))


def _is_of_a_change(truth: Truth, row: int) -> bool:
    """A precommit in a transaction that committed is of a port that it changed."""
    call = truth.callbacks[row]
    commits = [index for index, commit in enumerate(truth.commits) if commit.transaction == call.transaction >= 0]
    changed = any(write.commit in commits and write.port == truth.port_of(row) for write in truth.writes)
    return not commits or changed


# postcommits


def _postcommits(truth: Truth) -> Iterator[Word]:
    """Each commit has one a driver, after it, and no other is made: all ways of pairing them are tried."""
    made: dict[_Told, list[int]] = {}
    for row in truth.calls_of(*POSTCOMMITS):
        call = truth.callbacks[row]
        said = truth.words.methods.name(call.method), truth.state(call.state), truth.state(call.previous)
        made.setdefault(_Told(call.operation, call.driver, *said), []).append(row)
    owed: dict[_Told, list[int]] = {}
    for index in range(len(truth.writes)):
        for told in _owed_by(truth, index):
            owed.setdefault(told, []).append(index)
    for told in {**made, **owed}:
        yield truth.doubted(_paired(truth, told, made.get(told, []), owed.get(told, [])), told.operation)


def _owed_by(truth: Truth, index: int) -> list[_Told]:
    write, before = truth.writes[index], truth.before(index)
    commit, kind = truth.commits[write.commit], _kind(before, write.state)
    if commit.transaction < 0 or before == write.state == GONE:
        return []
    state = before if kind == "delete" else write.state
    previous = before if kind == "update" else GONE
    said = f"{kind}_port_postcommit", truth.state(state), truth.state(previous)
    return [_Told(commit.operation, driver, *said) for driver in truth.drivers()]


def _paired(truth: Truth, told: _Told, rows: list[int], writes: list[int]) -> Word:
    if len(rows) > len(writes) or (len(rows) < len(writes) and not _is_excused(truth, told)):
        return "violated"
    words = {_all_after(truth, rows, order) for order in permutations(writes, len(rows))}
    return next(each for each in ("ok", "unknown", "violated") if each in words)


def _all_after(truth: Truth, rows: list[int], writes: tuple[int, ...]) -> Word:
    """Whether each callback may have come after its commit; all can at once, by the earliest instants."""
    pairs = zip(rows, writes, strict=True)
    return plain(all(truth.callbacks[row].position >= truth.earliest(index) for row, index in pairs))


def _is_excused(truth: Truth, told: _Told) -> bool:
    """The process died, or an earlier driver has refused the new port."""
    if not truth.is_answered(told.operation):
        return True
    if told.method != "create_port_postcommit":
        return False
    earlier = truth.drivers()[: truth.drivers().index(told.driver)]
    for row in truth.calls_of("create_port_postcommit"):
        call, returned = truth.callbacks[row], truth.returned(row)
        has_failed = returned is None or truth.words.returns.name(returned.outcome) != "ok"
        if call.operation == told.operation and call.driver in earlier and has_failed:
            return True
    return False
