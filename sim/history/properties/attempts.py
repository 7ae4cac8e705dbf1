"""Binding attempts with all that the other witnesses saw of them. Put together for the property `outcome`.

What belongs to an attempt was done by one thread. A commit stands where its COMMIT was sent, which any engine knows.
"""

import operator
from bisect import bisect_right
from collections import defaultdict
from typing import NamedTuple

from sim.history.rows import GONE, Attempt, Return
from sim.history.verdict import Event
from sim.history.view import View

Result = tuple[int, int, int, int, int]
"""What a bind_port has set, as State.binding has it: vif_type, vif_details, driver, segment, the levels above."""


def binding_set_by(view: View, row: int, returned: Return) -> Result:
    """What a bind_port (its row in `callbacks`) has set, below the levels that it was shown."""
    call = view.callbacks[row]
    upper_levels = view.states[call.state].upper_levels
    return returned.vif_type, returned.vif_details, call.driver, returned.segment, upper_levels


class Tried(NamedTuple):
    """One attempt.

    `place` is its row in `attempts`, `calls` its bind_port callbacks, `result` what they set (None: nothing).
    `asked_for` is the state that drivers were asked to bind (GONE: they were not asked), `known` what the operation had
    last seen of the port before, and `known_from` by what. `read` is the row of the last read in the attempt, `seen`
    the state in it. `writes` are the rows of `writes` that its operation made of the port during it.
    """

    place: int
    row: Attempt
    outcome: str
    calls: tuple[int, ...]
    asked_for: int
    known: int
    known_from: Event | None
    result: Result | None
    read: int | None
    writes: tuple[int, ...]
    seen: int | None


def tried(view: View) -> dict[tuple[int, int], list[Tried]]:
    """Every operation's attempts on a port, in order."""
    lists = _Lists(view)
    found: dict[tuple[int, int], list[Tried]] = {}
    for index, row in enumerate(view.attempts):
        found.setdefault((row.operation, row.port), []).append(_tried(view, lists, index, row))
    return found


class _Lists:
    """Rows by operation and port, with their positions, so that those of an attempt are found by bisection."""

    def __init__(self, view: View) -> None:
        self.calls = _Positions()
        self.reads = _Positions()
        self.writes = _Positions()
        bind = view.words.methods.find("bind_port")
        for row, call in enumerate(view.callbacks):
            if call.method == bind:
                self.calls.add((call.operation, view.states[call.state].port), call.position, row)
        for row, read in enumerate(view.reads):
            self.reads.add((read.operation, read.port), read.last, row)
        for row, write in enumerate(view.writes):
            commit = view.commits[write.commit]
            self.writes.add((commit.operation, write.port), commit.first, row)
        self.writes.sort()


class _Positions:
    """Rows with their positions, ascending, by key."""

    def __init__(self) -> None:
        self._at: dict[tuple[int, int], list[int]] = defaultdict(list)
        self._rows: dict[tuple[int, int], list[int]] = defaultdict(list)

    def add(self, key: tuple[int, int], position: int, row: int) -> None:
        """One more row."""
        self._at[key].append(position)
        self._rows[key].append(row)

    def sort(self) -> None:
        """Puts the rows into the order of their positions, if they are not."""
        for key, at in self._at.items():
            if any(map(operator.gt, at, at[1:])):
                pairs = sorted(zip(at, self._rows[key], strict=True))
                self._at[key], self._rows[key] = [pair[0] for pair in pairs], [pair[1] for pair in pairs]

    def within(self, key: tuple[int, int], first: int, last: int) -> list[int]:
        """The rows after `first` and up to `last`."""
        at = self._at.get(key, [])
        return self._rows[key][bisect_right(at, first) : bisect_right(at, last)] if at else []

    def before(self, key: tuple[int, int], position: int) -> int | None:
        """The last row before a position."""
        place = bisect_right(self._at.get(key, []), position)
        return self._rows[key][place - 1] if place else None


def _tried(view: View, lists: _Lists, index: int, row: Attempt) -> Tried:
    key = (row.operation, row.port)
    calls = lists.calls.within(key, row.began, row.position)
    reads = lists.reads.within(key, row.began, row.position)
    writes = lists.writes.within(key, row.began, row.position)
    if view.facts.binds_inside:
        writes = _of_transaction(view, lists, key, calls)
    nothing: tuple[int, Event | None] = GONE, None
    known, known_from = _known(view, lists, key, view.callbacks[calls[0]].position) if calls else nothing
    return Tried(
        place=index,
        row=row,
        outcome=view.words.attempt_outcomes.name(row.outcome) or "",
        calls=tuple(calls),
        asked_for=view.callbacks[calls[0]].state if calls else GONE,
        known=known,
        known_from=known_from,
        result=_result(view, calls),
        read=reads[-1] if reads else None,
        writes=tuple(writes),
        seen=view.reads[reads[-1]].state if reads else None,
    )


def _of_transaction(view: View, lists: _Lists, key: tuple[int, int], calls: list[int]) -> list[int]:
    """What the transaction around an in-transaction attempt committed of the port."""
    if not calls:
        return []
    commit = view.commit_of.get(view.callbacks[calls[0]].transaction)
    index = None if commit is None else view.write_of.get((commit, key[1]))
    return [] if index is None else [index]


def _known(view: View, lists: _Lists, key: tuple[int, int], position: int) -> tuple[int, Event | None]:
    """What the operation had last seen of the port, and by what: by a read, or by its own commit."""
    read, write = lists.reads.before(key, position), lists.writes.before(key, position)
    if write is not None:
        commit = view.writes[write].commit
        if read is None or view.reads[read].last < view.commits[commit].first:
            return view.writes[write].state, Event("commits", commit)
    return (GONE, None) if read is None else (view.reads[read].state, Event("reads", read))


def _result(view: View, calls: list[int]) -> Result | None:
    """What the last bind_port that set a binding has set."""
    for row in reversed(calls):
        returned = view.return_of.get(row)
        if returned is not None and returned.vif_type >= 0:
            return binding_set_by(view, row, returned)
    return None
