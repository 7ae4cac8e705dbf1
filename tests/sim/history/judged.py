"""What the checker says of a history written by hand: the word, and the only finding with its proof. For tests."""

from typing import NamedTuple

from sim.history import Finding, check
from tests.sim.history.written import Written


class Judged(NamedTuple):
    """A finding as a reader sees it: `lines` are its evidence, one an event, without their times."""

    cause: str
    certain: bool
    lines: list[str]
    says: str


def word(history: Written, name: str) -> str:
    """The verdict on a property."""
    return check(history.history()).verdicts[name].word


def causes(history: Written, name: str) -> list[str]:
    """The causes of all findings on a property."""
    return [finding.cause for finding in check(history.history()).verdicts[name].findings]


def found(history: Written, name: str, cause: str | None = None) -> Judged:
    """The only finding on a property (of that cause); its evidence is in time order, with a line for each event."""
    report = check(history.history())
    findings = [each for each in report.verdicts[name].findings if cause in (None, each.cause)]
    assert len(findings) == 1, [each.cause for each in findings]
    (finding,) = findings
    lines = report.evidence(finding)
    times = [float(line.split(" s  ")[0]) for line in lines]
    assert times == sorted(times)
    assert len(lines) == len(set(finding.events))
    assert report.verdicts[name].word == ("violated" if finding.certain else "unknown")
    return _judged(finding, lines)


def _judged(finding: Finding, lines: list[str]) -> Judged:
    return Judged(finding.cause, finding.certain, [line.split(" s  ", 1)[1] for line in lines], finding.says)


def assert_proof(judged: Judged, *fragments: str, names: tuple[str, ...] = ()) -> None:
    """The evidence has just these lines, each told by a part of it, and the sentences name these."""
    pairs = list(zip(judged.lines, fragments, strict=False))
    assert len(judged.lines) == len(fragments), judged.lines
    assert all(fragment in line for line, fragment in pairs), pairs
    assert all(name in judged.says for name in names), judged.says
