"""What six of the properties state, as naively as can be. The other two have files of their own.

Each function takes the rows of a history and gives 'ok', 'violated' or 'unknown'. Written from the properties'
docstrings and docs/design.md, sections 3 and 6; it shares no code with the checker.
"""

import json
from collections.abc import Iterator

from sim.history.rows import GONE, Call
from tests.sim.history.oracle.truth import BINDING, INPUTS, SHOWN, Truth, Word, plain, worst

PRECOMMITS = ("create_port_precommit", "update_port_precommit", "delete_port_precommit")
POSTCOMMITS = ("create_port_postcommit", "update_port_postcommit", "delete_port_postcommit")
_FILTERS = {"binding:host_id": "host", "device_id": "device_id", "status": "status"}


def durability(truth: Truth) -> Word:
    """A successful binding goes only by a deletion or a change of inputs that every driver was told of."""
    return worst([plain(_is_removed_rightly(truth, index)) for index in range(len(truth.writes))])


def _is_removed_rightly(truth: Truth, index: int) -> bool:
    write, before = truth.writes[index], truth.before(index)
    if not truth.is_bound(before) or truth.part(write.state, BINDING) == truth.part(before, BINDING):
        return True
    if truth.part(write.state, INPUTS) == truth.part(before, INPUTS):
        return False
    told = set()
    for row in truth.calls_of(*PRECOMMITS):
        call = truth.callbacks[row]
        shown = call.state if write.state == GONE else call.previous
        same = truth.part(shown, BINDING) == truth.part(before, BINDING)
        if call.transaction == truth.commits[write.commit].transaction and truth.port_of(row) == write.port and same:
            told.add(call.driver)
    return told >= set(truth.drivers())


def convergence(truth: Truth) -> Word:
    """At rest, after the reads, nothing is unbound that could be bound."""
    if not truth.facts.quiescent or not truth.facts.read_once:
        return "unknown"
    return plain(not any(row.can_bind for row in truth.bindable))


def isolation(truth: Truth) -> Word:
    """Statements return what was committed while they ran; a transaction replaces what it has read."""
    reads = [_is_read_rightly(truth, row) for row in range(len(truth.reads))]
    return worst([*reads, *(plain(_is_written_rightly(truth, index)) for index in range(len(truth.writes)))])


def _own_write(truth: Truth, transaction: int, port: int) -> float:
    own = [sent.position for sent in truth.sent if sent.transaction == transaction and sent.port == port]
    return min(own, default=float("inf"))


def _is_read_rightly(truth: Truth, row: int) -> Word:
    read = truth.reads[row]
    if _own_write(truth, read.transaction, read.port) < read.last:
        return "ok"
    seen = truth.state(read.state)
    return truth.ways(
        read.port, read.first, read.last, lambda states: any(truth.state(state) == seen for state in states)
    )


def _is_written_rightly(truth: Truth, index: int) -> bool:
    write = truth.writes[index]
    transaction = truth.commits[write.commit].transaction
    written = _own_write(truth, transaction, write.port)
    reads = [read for read in truth.reads if read.transaction == transaction and read.port == write.port]
    earlier = [read for read in reads if read.last < written]
    return not earlier or truth.state(earlier[-1].state) == truth.state(truth.before(index))


def answers(truth: Truth) -> Word:
    """Every answer was true at some moment between call and return."""
    words = []
    for call in truth.calls:
        found = [answer for answer in truth.answers if answer.operation == call.operation]
        if found:
            error = truth.words.errors.name(found[0].error) or ""
            said = _judged_answer(truth, call, found[0].position, error)
            words += said
    return worst(words)


def _judged_answer(truth: Truth, call: Call, last: int, error: str) -> Iterator[Word]:
    kind = truth.words.kinds.name(call.kind)
    shown = [row.state for row in truth.answered if row.operation == call.operation]
    for number in shown:
        part, port = truth.part(number, SHOWN), truth.states[number].port
        yield truth.ways(port, call.position, last, lambda states, part=part: part in _parts(truth, states))
    if call.port >= 0 and (error == "PortNotFound" or (kind == "delete_port" and not error)):
        yield truth.ways(call.port, call.position, last, lambda states: GONE in states)
    if kind == "create_port":
        yield from _judged_create(truth, call, last, error, {truth.states[number].port for number in shown})
    if kind == "get_ports" and not error:
        yield from _judged_list(truth, call, last, {truth.states[number].port for number in shown})


def _parts(truth: Truth, states: list[int]) -> list[tuple[int, ...] | None]:
    return [truth.part(state, SHOWN) for state in states]


def _judged_create(truth: Truth, call: Call, last: int, error: str, shown: set[int]) -> Iterator[Word]:
    made = [
        write.port
        for index, write in enumerate(truth.writes)
        if truth.commits[write.commit].operation == call.operation
        and truth.before(index) == GONE
        and write.state != GONE
    ]
    once = plain(len(made) <= 1)
    yield truth.doubted(once, call.operation) if len(set(made)) == 1 else once
    if not error:
        yield plain(shown <= set(made))
    undo = truth.words.places.find("undo_create")
    said_so = any(row.operation == call.operation and row.where == undo for row in truth.logged)
    if error == "MechanismDriverError" and not said_so:
        for port in made:
            yield truth.ways(port, last, last, lambda states: states == [GONE])


def _judged_list(truth: Truth, call: Call, last: int, shown: set[int]) -> Iterator[Word]:
    filters = json.loads(truth.words.arguments.name(call.arguments) or "{}")
    if set(filters) - set(_FILTERS):
        return
    for port in {write.port for write in truth.writes} - shown:
        yield truth.ways(
            port, call.position, last, lambda states: not all(_matches(truth, state, filters) for state in states)
        )


def _matches(truth: Truth, number: int, filters: dict[str, str]) -> bool:
    state = truth.state(number)
    vocabularies = {"host": truth.words.hosts, "device_id": truth.words.device_ids, "status": truth.words.statuses}
    return state is not None and all(
        vocabularies[_FILTERS[name]].name(getattr(state, _FILTERS[name])) == value for name, value in filters.items()
    )


def agreement(truth: Truth) -> Word:
    """At rest the controllers hold what the database says, and drivers were last told what it says."""
    if not truth.facts.quiescent:
        return "unknown"
    ports = {write.port for write in truth.writes} | {state.port for state in truth.states}
    final = {port: _at_rest(truth, port) for port in ports}
    held = _held(truth) == _backed(truth, final)
    told = (_acts_on(truth, _last_told(truth, driver, port)) == _acts_on(truth, final[port])
            for driver in truth.drivers() for port in ports)  # fmt: skip
    return plain(held and all(told))


def _at_rest(truth: Truth, port: int) -> int:
    return [place for place in truth.places(port) if place.commit.first <= truth.facts.rest][-1].state


def _held(truth: Truth) -> set[tuple[str | None, int, str | None]]:
    held = set()
    for change in truth.changes:
        if change.position <= truth.facts.rest:
            entry = truth.words.controllers.name(change.controller), change.port, truth.words.tokens.name(change.token)
            what = truth.words.changes.name(change.what)
            if what == "reserved":
                held.add(entry)
            elif what == "dropped":
                held.discard(entry)
    return held


def _backed(truth: Truth, final: dict[int, int]) -> set[tuple[str | None, int, str | None]]:
    backed = set()
    for port, number in final.items():
        state = truth.state(number)
        driver = None if state is None else truth.words.drivers.name(state.driver)
        if state is not None and truth.is_bound(number) and driver in truth.facts.controllers:
            details = json.loads(truth.words.vif_details.name(state.vif_details) or "{}")
            backed.add((truth.facts.controllers[driver], port, details.get("token")))
    return backed


def _last_told(truth: Truth, driver: int, port: int) -> int:
    """The state in the postcommit that returned last, or the one before the run."""
    told = []
    for row in truth.calls_of(*POSTCOMMITS):
        call, returned = truth.callbacks[row], truth.returned(row)
        if returned is None or truth.words.returns.name(returned.outcome) != "ok":
            continue
        if call.driver == driver and truth.port_of(row) == port and returned.position <= truth.facts.rest:
            deleted = truth.words.methods.name(call.method) == "delete_port_postcommit"
            told.append((returned.position, GONE if deleted else call.state))
    initial = [place.state for place in truth.places(port) if place.write >= 0 and place.commit.transaction < 0]
    return max(told)[1] if told else (initial or [GONE])[-1]


def _acts_on(truth: Truth, number: int) -> tuple[int, ...] | None:
    """What a driver acts on: all but revision and generation."""
    state = truth.state(number)
    return None if state is None else (*state[:6], *state[7:14])
