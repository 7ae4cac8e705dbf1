"""Postcommits against commits: each commit has one postcommit a driver in its operation, and nothing else has any.

Part of the contract. Where a commit has no exact instant, a postcommit is after it if it may have been: in the order of
commits and by what was read, the earliest instants are possible together.
"""

from collections.abc import Iterator
from typing import NamedTuple

from core.binding.promises import CONTRACT
from sim.history.rows import GONE
from sim.history.verdict import Event, Finding
from sim.history.view import View
from sim.history.wording import Wording


class _Told(NamedTuple):
    """Who tells which driver what after a commit. States are the numbers of their content."""

    operation: int
    driver: str
    method: int
    state: int
    previous: int


def postcommits(view: View, wording: Wording) -> Iterator[Finding]:
    """What is missing, doubled or unfounded; linear in commits and callbacks."""
    made = _made(view)
    for told, indexes in _owed(view).items():
        yield from _settled(view, wording, told, indexes, made.pop(told, []))
    for told, rows in made.items():
        yield _unfounded(view, wording, told, rows)


def _owed(view: View) -> dict[_Told, list[int]]:
    """The rows in `writes` that owe a postcommit. A port that is created, deleted and created again owes two alike."""
    found: dict[_Told, list[int]] = {}
    for index, write in enumerate(view.writes):
        is_change = write.state != GONE or view.replaced[index].state != GONE
        if is_change and view.commits[write.commit].transaction >= 0:
            for driver in view.facts.drivers:
                found.setdefault(_owed_by(view, index, driver), []).append(index)
    return found


def _owed_by(view: View, index: int, driver: str) -> _Told:
    write, before = view.writes[index], view.replaced[index].state
    method, state, previous = "update", write.state, before
    if before == GONE:
        method = "create"
    elif write.state == GONE:
        method, state, previous = "delete", before, GONE
    code = view.words.methods.find(f"{method}_port_postcommit")
    return _told(view, view.commits[write.commit].operation, driver, code, (state, previous))


def _made(view: View) -> dict[_Told, list[int]]:
    """The postcommit callbacks."""
    methods = {view.words.methods.find(f"{kind}_port_postcommit") for kind in ("create", "update", "delete")}
    found: dict[_Told, list[int]] = {}
    for row, call in enumerate(view.callbacks):
        if call.method in methods:
            driver = view.words.drivers.name(call.driver) or ""
            told = _told(view, call.operation, driver, call.method, (call.state, call.previous))
            found.setdefault(told, []).append(row)
    return found


def _told(view: View, operation: int, driver: str, method: int, states: tuple[int, int]) -> _Told:
    state, previous = states
    return _Told(operation, driver, method, view.content[state], GONE if previous == GONE else view.content[previous])


def _settled(view: View, wording: Wording, told: _Told, indexes: list[int], rows: list[int]) -> Iterator[Finding]:
    """Commits that owe the same postcommit, the last first, against the callbacks that were made."""
    left = rows
    for index in reversed(indexes):
        began = view.earliest(index)
        mine = [row for row in left if view.callbacks[row].position >= began]
        left = [row for row in left if row not in mine]
        if len(mine) > 1:
            why = f"{told.driver} was told of it {len(mine)} times"
            yield _finding(view, wording, index, mine, "postcommit twice", why)
        elif not mine and not _is_excused(view, index, told.driver):
            why = f"{told.driver} was never told after the commit"
            yield _finding(view, wording, index, [], "postcommit missing", why)
    if left:
        why = f"{told.driver} was told of it before"
        yield _finding(view, wording, indexes[0], left, "postcommit before its commit", why)


def _is_excused(view: View, index: int, driver: str) -> bool:
    """Whether the postcommit is not owed: the process died, or an earlier driver has refused the new port."""
    operation = view.commits[view.writes[index].commit].operation
    if not view.is_answered(operation):
        return True
    if view.replaced[index].state != GONE:
        return False
    create = view.words.methods.find("create_port_postcommit")
    earlier = view.facts.drivers[: view.facts.drivers.index(driver)]
    codes = {view.words.drivers.find(name) for name in earlier}
    calls = ((row, view.callbacks[row]) for row in view.callbacks_of.get(operation, ()))
    return any(call.method == create and call.driver in codes and _failed(view, row) for row, call in calls)


def _failed(view: View, row: int) -> bool:
    returned = view.return_of.get(row)
    return returned is None or returned.outcome != 0


def _finding(view: View, wording: Wording, index: int, rows: list[int], cause: str, why: str) -> Finding:
    write = view.writes[index]
    commit = view.commits[write.commit]
    events = [Event("commits", write.commit), *(Event("callbacks", row) for row in rows)]
    says = (
        f"{wording.transaction(commit.transaction)} of {wording.operation(commit.operation)} committed "
        f"{wording.port(write.port)}: {wording.state(write.state)}; however, {why}."
    )
    return view.doubted(
        Finding(name=CONTRACT, cause=cause, port=write.port, events=tuple(events), says=says), commit.operation
    )


def _unfounded(view: View, wording: Wording, told: _Told, rows: list[int]) -> Finding:
    port = view.states[told.state].port
    says = (
        f"{wording.operation(told.operation)} told {told.driver} after a commit that {wording.port(port)} is: "
        f"{wording.state(told.state)}; however, that operation committed no such change."
    )
    events = tuple(Event("callbacks", row) for row in rows)
    cause = "postcommit of what was not committed"
    return view.doubted(Finding(name=CONTRACT, cause=cause, port=port, events=events, says=says), told.operation)
