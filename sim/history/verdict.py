"""What the checker says of one property: ok, violated or unknown, and of each violation what proves it.

Made by the files of sim/history/properties, printed by sim.report. Nothing here decides.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

Word = Literal["ok", "violated", "unknown"]
OK: Word = "ok"
VIOLATED: Word = "violated"
UNKNOWN: Word = "unknown"


class Event(NamedTuple):
    """A row of a history's table that is part of a proof: the table's name and the row's index in it."""

    table: str
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One violation, or one place where it cannot be decided.

    `name` is the property's, `cause` a short stable name of what went wrong (findings are grouped by it), `port` the
    port's code (-1: none), `events` what makes it up and nothing else, `says` two or three sentences saying what
    follows from them. One that is not `certain` is what could not be decided.
    """

    name: str
    cause: str
    port: int
    events: tuple[Event, ...]
    says: str
    certain: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One property over one history. `checked` counts what was looked at, so that 'ok' of nothing can be told."""

    name: str
    findings: tuple[Finding, ...]
    checked: int
    unknown_because: str = ""

    @property
    def word(self) -> Word:
        """violated if anything certainly is, else unknown if anything could not be decided, else ok."""
        if any(finding.certain for finding in self.findings):
            return VIOLATED
        return UNKNOWN if self.findings or self.unknown_because else OK

    @property
    def violations(self) -> tuple[Finding, ...]:
        """The findings that are certain."""
        return tuple(finding for finding in self.findings if finding.certain)
