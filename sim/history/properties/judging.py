"""One answer being judged: what it needs to know, and how its findings are made. Shared by the files of `answers`."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from core.binding.promises import ANSWERS
from sim.history.instants import Clash
from sim.history.properties.sightings import Sightings, Tell
from sim.history.rows import Answer, Call
from sim.history.verdict import Event, Finding
from sim.history.versions import Version
from sim.history.view import View
from sim.history.wording import Wording

_NOT_FOUND_OUT = "in which order it and the commits around it took effect was not found out"
_LATE = "what others saw shows that this was so only after the return"
_EARLY = "what others saw shows that this was over before the call"
_OTHERS = "no instants of the commits explain it together with what others saw"


class Causes(NamedTuple):
    """What a finding is called where all that would explain an answer came too late, was over, or is not known."""

    late: str
    early: str
    undecided: str


class Judging(NamedTuple):
    """An operation from call to return: rows in `calls` and `answers`, and the two positions."""

    view: View
    wording: Wording
    sightings: Sightings
    call_row: int
    answer_row: int
    first: int
    last: int

    @property
    def call(self) -> Call:
        """The call."""
        return self.view.calls[self.call_row]

    @property
    def answer(self) -> Answer:
        """What it was answered."""
        return self.view.answers[self.answer_row]

    def sighted(self, port: int, indexes: Iterable[int], span: tuple[int, int], tell: Tell) -> None:
        """The answer is right if one of these versions was in force, which depends on instants that are not known."""
        self.sightings.add(port, indexes, span, Event("answers", self.answer_row), tell)

    def unexplained(self, port: int, causes: Causes, what: str, clash: Clash | None) -> Finding:
        """The finding of a sighting: `clash` is what it did not fit to, None if that was not found out."""
        if clash is None:
            return self.finding(port, causes.undecided, f"{what}; however, {_NOT_FOUND_OUT}", certain=False)
        why = _LATE if clash.is_late else _EARLY
        if clash.demand.event != Event("answers", self.answer_row) or not clash.because:
            why = _OTHERS
        versions = self.view.versions_of(port).all
        place = clash.demand.runs[0][0] if clash.is_late else clash.demand.runs[-1][1] + 1
        cause = causes.late if clash.is_late else causes.early
        return self.finding(port, cause, f"{what}; however, {why}", versions[place : place + 1], clash.because)

    def finding(
        self, port: int, cause: str, what: str, versions: Iterable[Version] = (), because: Sequence[Event] = (),
        *, certain: bool = True,
    ) -> Finding:  # fmt: skip
        """A finding whose proof are call and answer, the commits of these versions, and other rows."""
        events = [Event("calls", self.call_row), Event("answers", self.answer_row)]
        events += [Event("commits", version.commit) for version in versions if version.commit >= 0]
        events += because
        says = f"{self.wording.operation(self.call.operation)} was answered: {what}."
        proof = tuple(dict.fromkeys(events))
        return Finding(name=ANSWERS, cause=cause, port=port, events=proof, says=says, certain=certain)
