"""What a create has left behind: one new port, the one that it answers, or none. Part of `answers`."""

from collections.abc import Iterator
from functools import partial

from sim.history.properties.judging import Causes, Judging
from sim.history.rows import GONE
from sim.history.verdict import Finding
from sim.history.versions import Version
from sim.history.view import View

_LEFT = Causes("refused but not deleted", "refused but not deleted", "deletion not decided")
_Made = list[tuple[int, int]]
"""The ports that a create has made, each with the row of its commit."""


def created(it: Judging) -> Iterator[Finding]:
    """What is wrong with what a create has left behind."""
    view, operation = it.view, it.call.operation
    made = _made(view, operation)
    if len(made) > 1:
        yield _several(it, made)
    shown = [view.states[state].port for state in view.answered.get(operation, ())]
    if it.answer.error < 0 and not set(shown) <= {port for port, _ in made}:
        what = f"{it.wording.port(shown[0])} as its new port; however, it made {'another' if made else 'none'}"
        yield it.finding(shown[0], "a create answered another port", what, _commits(view, made))
    refused = it.answer.error >= 0 and it.answer.error == view.words.errors.find("MechanismDriverError")
    if refused and made and not _undo_failed(view, operation):
        yield from _left(it, made[0][0])


def _made(view: View, operation: int) -> _Made:
    return [
        (write.port, row)
        for row in view.commits_of.get(operation, ())
        for write in (view.writes[index] for index in view.writes_of[row])
        if view.replaced[view.write_of[(row, write.port)]].state == GONE and write.state != GONE
    ]


def _several(it: Judging, made: _Made) -> Finding:
    """Several ports; or one several times, which a create in doubt may do in good faith if the port was deleted."""
    ports = len({port for port, _ in made})
    cause, what = "a create made several ports", f"it made {ports} ports; however, a create makes one"
    if ports == 1:
        cause, what = (
            "a create made its port again",
            f"it made its port {len(made)} times; however, a create makes it once",
        )
    found = it.finding(made[0][0], cause, what, _commits(it.view, made))
    return it.view.doubted(found, it.call.operation) if ports == 1 else found


def _commits(view: View, made: _Made) -> list[Version]:
    commits = ((row, view.commits[row]) for _, row in made)
    return [Version(GONE, row, commit.first, commit.last) for row, commit in commits]


def _undo_failed(view: View, operation: int) -> bool:
    """Whether the core has said that it could not delete the refused port."""
    undo = view.words.places.find("undo_create")
    return any(view.logged[row].where == undo for row in view.logged_of.get(operation, ()))


def _left(it: Judging, port: int) -> Iterator[Finding]:
    """The port of a refused create, if it is there when that is answered."""
    versions = it.view.versions_of(port)
    gone = [place for place in versions.within(it.last, it.last) if versions.all[place].state == GONE]
    certainty = versions.certainty(gone, it.last, it.last)
    if certainty == "never":
        now = versions.all[versions.at(it.last)]
        what = f"a driver refused it; however, the port is still there: {it.wording.state(now.state)}"
        yield it.finding(port, "refused but not deleted", what, [now])
    elif certainty == "perhaps":
        tell = partial(it.unexplained, port, _LEFT, "a driver refused it, so that it was deleted again")
        it.sighted(port, gone, (it.last, it.last), tell)
