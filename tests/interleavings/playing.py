"""Plays a script on some sessions and writes down what happened, in the same words for the model and for an engine.

A step that has an answer is logged as 'STEP -> answer', one that waits as 'STEP waits for SESSIONS'. What a step
brings about for others that waited stands below it, indented. At the end everything open is rolled back, and the rows
are compared with those at the beginning.
"""

from collections.abc import Mapping
from typing import Protocol

from tests.interleavings.script import Script, Step
from tests.interleavings.vocabulary import Act, act
from tests.interleavings.waiting import nearest
from tests.interleavings.world import Rows, changes

ENDS = ("commit", "rollback")


class Sessions(Protocol):
    """The sessions of one script; each carries out one step at a time."""

    def tell(self, session: str, what: Act | str) -> None:
        """Lets an idle session execute a statement, or 'commit' or 'rollback'."""

    def settled(self, *, until_answer_of: str | None = None) -> Mapping[str, set[str]]:
        """Lets all go on until each has answered or waits; whom those that wait are waiting for.

        `until_answer_of` names one that waits and whose wait must have ended.
        """

    def answers(self) -> dict[str, str]:
        """What has been answered since the last call, in the order of the sessions' names."""

    def has_open_transaction(self, session: str) -> bool:
        """Whether an idle session has something to end."""

    def rows(self) -> Rows:
        """All committed rows by table."""


def play(script: Script, sessions: Sessions) -> list[str]:
    """The event log of one run."""
    playing = _Playing(sessions)
    for step in script.steps:
        playing.take(step)
    playing.end(script.sessions)
    return playing.log


class _Playing:
    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._pending: dict[str, Step] = {}
        self._waits: dict[str, list[str]] = {}
        self.log: list[str] = []

    def take(self, step: Step) -> None:
        if step.words == "gives up":
            self._settle(step, until_answer_of=step.session)
        elif step.session in self._pending:
            self.log.append(f"{step} is not reached")
        else:
            self._pending[step.session] = step
            self._sessions.tell(step.session, step.words if step.words in ENDS else act(step.words))
            self._settle(step)

    def _settle(self, step: Step, *, until_answer_of: str | None = None) -> None:
        waits = nearest(self._sessions.settled(until_answer_of=until_answer_of))
        answers = self._sessions.answers()
        lines = {}
        for session, pending in sorted(self._pending.items()):
            if session in answers:
                lines[session] = f"{pending} -> {answers[session]}"
            elif waits[session] != self._waits.get(session):
                lines[session] = f"{pending} waits for {' and '.join(waits[session])}"
        self._pending = {session: pending for session, pending in self._pending.items() if session not in answers}
        self._waits = waits
        self.log.append(lines.pop(step.session) if step.words != "gives up" else str(step))
        self.log += [f"    {line}" for line in lines.values()]

    def end(self, names: list[str]) -> None:
        """Rolls back what is open, whoever is idle first, and tells of the rows."""
        while left := [name for name in names if self._is_open(name)]:
            idle = [name for name in left if name not in self._pending]
            self.take(Step(idle[0], "rollback"))
        self.log += [f"= {line}" for line in changes(self._sessions.rows())] or ["= as before"]

    def _is_open(self, name: str) -> bool:
        return name in self._pending or self._sessions.has_open_transaction(name)
