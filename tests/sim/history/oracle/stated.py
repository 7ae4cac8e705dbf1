"""What six of the properties state, as naively as can be. The other two have files of their own.

Each function takes the rows of a history and gives 'ok', 'violated' or 'unknown'. Written from the properties'
docstrings and docs/design.md, sections 3 and 6; it shares no code with the checker.
"""

import json
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from sim.history.rows import GONE, Call
from tests.sim.history.oracle.truth import BINDING, INPUTS, SHOWN, Demand, Truth, Word, plain, worst

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
    reads = [
        plain(bool(truth.meeting(port, truth.instants(port), truth.reads_of(port))))
        for port in {read.port for read in truth.reads}
    ]
    return worst([*reads, *(plain(_is_written_rightly(truth, index)) for index in range(len(truth.writes)))])


def _is_written_rightly(truth: Truth, index: int) -> bool:
    write = truth.writes[index]
    transaction = truth.commits[write.commit].transaction
    written = truth.own_write(transaction, write.port)
    reads = [read for read in truth.reads if read.transaction == transaction and read.port == write.port]
    earlier = [read for read in reads if read.last < written]
    return not earlier or truth.state(earlier[-1].state) == truth.state(truth.before(index))


def answers(truth: Truth) -> Word:
    """There are instants of the commits by which every answer was true at some moment between call and return."""
    words: list[Word] = []
    demands: dict[int, list[Demand]] = {}
    for call in truth.calls:
        found = [answer for answer in truth.answers if answer.operation == call.operation]
        if found:
            answer = _Answered(truth, call, found[0].position, truth.words.errors.name(found[0].error) or "")
            for port, demand in answer.demands():
                demands.setdefault(port, []).append(demand)
            words += answer.words()
    return worst([*words, *(truth.explained(port, each) for port, each in demands.items())])


class _Answered(NamedTuple):
    """A call that was answered at position `last`, perhaps with an error."""

    truth: Truth
    call: Call
    last: int
    error: str

    @property
    def kind(self) -> str | None:
        """The plugin's method."""
        return self.truth.words.kinds.name(self.call.kind)

    @property
    def shown(self) -> list[int]:
        """The states in the answer."""
        return [row.state for row in self.truth.answered if row.operation == self.call.operation]

    @property
    def ports(self) -> set[int]:
        """The ports in the answer."""
        return {self.truth.states[number].port for number in self.shown}

    @property
    def made(self) -> list[int]:
        """The ports that the operation created."""
        truth = self.truth
        return [
            write.port
            for index, write in enumerate(truth.writes)
            if truth.commits[write.commit].operation == self.call.operation
            and truth.before(index) == GONE
            and write.state != GONE
        ]

    def demands(self) -> Iterator[tuple[int, Demand]]:
        """What has to have been in force, by port."""
        truth, call, last = self.truth, self.call, self.last
        for number in self.shown:
            shows = partial(_shows, truth, truth.part(number, SHOWN))
            yield truth.states[number].port, Demand(call.position, last, shows)
        deleted = self.kind == "delete_port" and not self.error
        if call.port >= 0 and (self.error == "PortNotFound" or deleted):
            yield call.port, Demand(call.position, last, lambda states: GONE in states)
        if self.kind == "create_port":
            yield from self._undone()
        if self.kind == "get_ports" and not self.error:
            yield from self._not_listed()

    def words(self) -> Iterator[Word]:
        """What does not depend on instants."""
        if self.kind == "create_port":
            once = plain(len(self.made) <= 1)
            yield self.truth.doubted(once, self.call.operation) if len(set(self.made)) == 1 else once
            yield plain(bool(self.error) or self.ports <= set(self.made))

    def _undone(self) -> Iterator[tuple[int, Demand]]:
        undo = self.truth.words.places.find("undo_create")
        said_so = any(row.operation == self.call.operation and row.where == undo for row in self.truth.logged)
        if self.error == "MechanismDriverError" and not said_so:
            for port in self.made:
                yield port, Demand(self.last, self.last, lambda states: states == [GONE])

    def _not_listed(self) -> Iterator[tuple[int, Demand]]:
        truth = self.truth
        filters = json.loads(truth.words.arguments.name(self.call.arguments) or "{}")
        if set(filters) - set(_FILTERS):
            return
        for port in {write.port for write in truth.writes} - self.ports:
            missed = partial(_misses, truth, filters)
            yield port, Demand(self.call.position, self.last, missed)


def _shows(truth: Truth, part: tuple[int, ...] | None, states: list[int]) -> bool:
    return part in [truth.part(state, SHOWN) for state in states]


def _misses(truth: Truth, filters: dict[str, str], states: list[int]) -> bool:
    return not all(_matches(truth, state, filters) for state in states)


def _matches(truth: Truth, number: int, filters: dict[str, str]) -> bool:
    state = truth.state(number)
    vocabularies = {"host": truth.words.hosts, "device_id": truth.words.device_ids, "status": truth.words.statuses}
    return state is not None and all(
        vocabularies[_FILTERS[name]].name(getattr(state, _FILTERS[name])) == value for name, value in filters.items()
    )


def agreement(truth: Truth) -> Word:
    """At rest the controllers hold what the database says, and drivers were last told what it says."""
    ports = {write.port for write in truth.writes} | {state.port for state in truth.states}
    if not truth.facts.quiescent or any(len(_at_rest(truth, port)) > 1 for port in ports):
        return "unknown"
    final = {port: truth.places(port)[_at_rest(truth, port).pop()].state for port in ports}
    held = _held(truth) == _backed(truth, final)
    told = (
        _acts_on(truth, final[port]) in [_acts_on(truth, state) for state in _last_told(truth, driver, port)]
        for driver in truth.drivers()
        for port in ports
    )
    return plain(held and all(told))


def _at_rest(truth: Truth, port: int) -> set[int]:
    """The places that may have been in force at rest."""
    rest = truth.facts.rest
    return {max(nth for nth, instant in enumerate(way) if instant <= rest) for way in truth.explanations(port)}


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


def _last_told(truth: Truth, driver: int, port: int) -> list[int]:
    """The states in the postcommits that may have returned last, or the one before the run."""
    told = []
    for row in truth.calls_of(*POSTCOMMITS):
        call, returned = truth.callbacks[row], truth.returned(row)
        if returned is None or truth.words.returns.name(returned.outcome) != "ok":
            continue
        if call.driver == driver and truth.port_of(row) == port and returned.position <= truth.facts.rest:
            deleted = truth.words.methods.name(call.method) == "delete_port_postcommit"
            told.append((returned.position, call.position, GONE if deleted else call.state))
    initial = [place.state for place in truth.places(port) if place.write >= 0 and place.commit.transaction < 0]
    if not told:
        return (initial or [GONE])[-1:]
    if truth.facts.exact:
        return [max(told)[2]]
    return [state for ended, _, state in told if not any(began > ended for _, began, _ in told)]


def _acts_on(truth: Truth, number: int) -> tuple[int, ...] | None:
    """What a driver acts on: all but revision and generation."""
    state = truth.state(number)
    return None if state is None else (*state[:6], *state[7:14])
