"""Commits as they were, from what API processes noted before and after each COMMIT; those in doubt are decided here.

A commit is in doubt when its process died, or its connection broke, before the server's acknowledgement was noted. Of
two commits of one port none leaves the other's revision, and whoever changes a port reads it first with its rows
locked. So a commit in doubt took effect exactly if somebody, or the database at rest, had what it left.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.records import Port
from sim.history.writer import flat_port
from sim.wall.event_log import Event

_REVISION = 6  # place of the revision in a history's values


@dataclass(frozen=True, slots=True)
class WallCommit:
    """A transaction that wrote ports: COMMIT was sent at `sent` and known to have taken effect at `known`."""

    sent: int
    known: int
    transaction: int
    operation: int
    name: str
    left: list[tuple[str, tuple[Any, ...] | None]]
    seen: dict[str, int]
    made: tuple[Any, ...] | None


def commits_of(events: Iterable[Event], *, final: Mapping[str, Port], end: int) -> list[WallCommit]:
    """Those that took effect, by the position at which COMMIT was sent, which for each port is their order.

    `final` are the ports as the database has them at the position `end`.
    """
    sent: dict[int, WallCommit] = {}
    known: dict[int, int] = {}
    for position, what, arguments in events:
        if what == "committing":
            sent[arguments[0]] = WallCommit(position, -1, *arguments)
        elif what == "committed":
            known[arguments[0]] = position
        elif what == "refused":
            del sent[arguments[0]]
    certain = [replace(commit, known=known[number]) for number, commit in sent.items() if number in known]
    doubtful = [commit for number, commit in sent.items() if number not in known]
    decided = _Evidence(certain, [*sent.values()], final, end).decide(doubtful) if doubtful else []
    return sorted([*certain, *decided], key=lambda commit: commit.sent)


class _Evidence:
    """What was seen of ports after commits in doubt."""

    def __init__(
        self, certain: list[WallCommit], everything: list[WallCommit], final: Mapping[str, Port], end: int
    ) -> None:
        self._left = {
            (port_id, _revision(values)) for commit in certain for port_id, values in commit.left
        }  # fmt: skip
        self._seen: dict[tuple[str, int], int] = {}
        for commit in everything:
            for port_id, revision in commit.seen.items():
                before = self._seen.get((port_id, revision), end)
                self._seen[port_id, revision] = min(before, commit.sent)
        self._final = final
        self._end = end

    def decide(self, doubtful: list[WallCommit]) -> list[WallCommit]:
        """Those of them that took effect."""
        found: list[WallCommit] = []
        for commit in _last_of_each(doubtful):
            at = self._known_at(commit)
            if at is not None:
                found.append(replace(commit, known=max(at, commit.sent + 1)))
                self._left.update((port_id, _revision(values)) for port_id, values in commit.left)
        return found

    def _known_at(self, commit: WallCommit) -> int | None:
        """The position from which the first port that it wrote is known to be as it left it."""
        port_id, values = commit.left[0]
        revision = _revision(values)
        if (port_id, revision) in self._left:
            return None  # another one left this revision, or deleted the port
        if values is None:
            return None if port_id in self._final else self._end
        if (port_id, revision) in self._seen:
            return self._seen[port_id, revision] - 1
        port = self._final.get(port_id)
        return self._end if port is not None and flat_port(port) == values else None


def _last_of_each(doubtful: list[WallCommit]) -> list[WallCommit]:
    """Of those that would leave the same revision of a port the last, which found the port as it was before them."""
    ordered = sorted(doubtful, key=lambda each: each.sent)
    return list({(commit.left[0][0], _revision(commit.left[0][1])): commit for commit in ordered}.values())


def _revision(values: tuple[Any, ...] | None) -> int:
    revision: int = -1 if values is None else values[_REVISION]
    return revision
