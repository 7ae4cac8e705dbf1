"""The core's observer against the database: did transactions end as it says? Part of the property `outcome`."""

from collections.abc import Iterator

from core.binding.promises import OUTCOME
from sim.history.verdict import Event, Finding
from sim.history.view import COMMIT_OUTCOME_UNKNOWN, View
from sim.history.wording import Wording


def disagreements(view: View, wording: Wording) -> Iterator[Finding]:
    """Where the two witnesses contradict each other; linear in transactions."""
    changed = {sent.transaction for sent in view.sent}
    told = set()
    for row, end in enumerate(view.ends):
        told.add(end.transaction)
        said = view.words.ends.name(end.outcome)
        commit = view.commit_of.get(end.transaction)
        if said == "commit" and commit is None and end.transaction in changed:
            why = "the database has no commit of it, although it had changed a port"
            yield _finding(wording, view, row, None, "said committed, is not", why)
        elif said not in ("commit", COMMIT_OUTCOME_UNKNOWN) and commit is not None:
            yield _finding(
                wording, view, row, commit, "said rolled back, is committed", "the database has committed it"
            )
    yield from _untold(view, wording, told)


def _finding(wording: Wording, view: View, row: int, commit: int | None, cause: str, why: str) -> Finding:
    end = view.ends[row]
    events = [Event("ends", row)]
    events += [Event("commits", commit)] if commit is not None else []
    says = (
        f"{wording.operation(end.operation)} says that {wording.transaction(end.transaction)} ended: "
        f"{view.words.ends.name(end.outcome)}; however, {why}."
    )
    return Finding(name=OUTCOME, cause=cause, port=-1, events=tuple(events), says=says)


def _untold(view: View, wording: Wording, told: set[int]) -> Iterator[Finding]:
    """Commits of which the observer never spoke, in operations that came to their end."""
    for row, commit in enumerate(view.commits):
        if commit.transaction >= 0 and commit.transaction not in told and view.is_answered(commit.operation):
            says = (
                f"The database has committed {wording.transaction(commit.transaction)} of "
                f"{wording.operation(commit.operation)}; however, the core never said how it ended."
            )
            yield Finding(name=OUTCOME, cause="commit not told", port=-1, events=(Event("commits", row),), says=says)
