"""Searches of many questions in many replications, on all cores: first from anywhere, then from what these found.

Called by sim.experiment.planning.planner. The first replications of a question look widely; the others begin at the
mean of what those found, which takes half as many runs, and run a few common loads too: these show whether a lower load
fails, and are what figures of latency over load are made of. With a precision, rounds go on until it is reached.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from math import sqrt
from statistics import fmean, stdev
from typing import TypeVar

from sim.experiment.intervals import LEAST_REPLICATIONS, replications_for
from sim.experiment.planning.answer import Answer
from sim.experiment.planning.question import Question, range_of
from sim.experiment.planning.search import NARROW, Range, Root, tidy
from sim.experiment.planning.tasks import Searched, SearchTask, find_root
from sim.experiment.pool import run_tasks
from sim.experiment.precision import MOST
from sim.experiment.progress import OnProgress

Task = TypeVar("Task")
Result = TypeVar("Result")

FIRST = 2  # replications that look widely: one for each of two cores
BELOW = (0.25, 0.5, 0.75, 0.9)  # common loads below what was found, as shares of it
ABOVE = (1.0, 1.1, 1.25)  # and from it on
_UPWARDS = 4  # doublings above, where an objective asks for a least value and no load meets

Stage = Callable[[str], AbstractContextManager[OnProgress | None]]


def silent(title: str) -> AbstractContextManager[OnProgress | None]:
    """A stage that shows no progress."""
    return nullcontext()


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """Where tasks run, and how progress is shown: `stage(title)` gives a listener for the tasks inside it."""

    workers: int | None = None
    scheduler: str | None = None
    stage: Stage = silent

    def run(
        self, title: str, work: Callable[[Task, Callable[[int, int], None]], Result], tasks: Sequence[Task]
    ) -> list[Result]:
        """The results of all tasks, in their order."""
        if not tasks:
            return []
        with self.stage(title) as listener:
            return list(run_tasks(work, tasks, workers=self.workers, scheduler=self.scheduler, on_progress=listener))


def carried(
    questions: Sequence[Question], crew: Crew, *, replications: int, precision: float | None = None, title: str = ""
) -> list[Answer]:
    """The answer to each question, after as many replications, or as many as the precision takes."""
    first = min(FIRST, replications)
    found = _searched(questions, crew, range(first), [range_of(each) for each in questions], title=title)
    centres = [_centre(question, each) for question, each in zip(questions, found, strict=True)]
    done, wanted = first, replications
    while done < wanted:
        more = _searched(questions, crew, range(done, wanted), centres, title=title, probing=True)
        found = [[*old, *new] for old, new in zip(found, more, strict=True)]
        done = wanted
        wanted += _more([Answer(each) for each in found], precision)
    return [Answer(each) for each in found]


def _searched(
    questions: Sequence[Question], crew: Crew, replications: range, ranges: Sequence[Range], *, title: str,
    probing: bool = False,
) -> list[list[Searched]]:  # fmt: skip
    tasks = [
        SearchTask(
            question=question, replication=replication, within=within, upwards=_upwards(question),
            probes=tuple(shares_of(within.start, within, BELOW)) if probing and within.step == NARROW else (),
        )
        for question, within in zip(questions, ranges, strict=True)
        for replication in replications
    ]  # fmt: skip
    results = iter(crew.run(title, find_root, tasks))
    return [[next(results) for _ in replications] for _ in questions]


def shares_of(load: float, within: Range, shares: Sequence[float]) -> Iterator[float]:
    """Loads at these shares of a load, inside the range."""
    for share in shares:
        found = tidy(load * share, within)
        if within.lowest <= found <= within.highest:
            yield found


def _upwards(question: Question) -> int:
    return 0 if all(each.is_upper_limit or each.limit == 0 for each in question.objectives) else _UPWARDS


def _centre(question: Question, found: Sequence[Searched]) -> Range:
    """Where the other replications begin: at the geometric mean of what was found, or anywhere when nothing was."""
    wide = range_of(question)
    values = [each.root.value for each in found if each.root.met is not None and each.root.missed is not None]
    if len(values) < len(found) or not values:
        return wide
    middle = values[0] if len(values) == 1 else sqrt((values[0] or 0.0) * (values[-1] or 0.0))
    start = min(wide.highest, max(wide.lowest, tidy(middle or wide.start, wide)))
    return replace(wide, start=start, step=NARROW)


def _more(answers: Sequence[Answer], precision: float | None) -> int:
    """How many replications more until every load that was found is known as well as asked; 0: none."""
    if precision is None:
        return 0
    done = len(answers[0].roots)
    needed = max((_needed(answer, precision) for answer in answers), default=0)
    return max(0, min(needed - done, done, MOST - done))


def _needed(answer: Answer, precision: float) -> int:
    found = answer.interval
    if found is None or (found.half is not None and found.half < precision * found.mean):
        return 0
    if found.half is None:
        return LEAST_REPLICATIONS
    return replications_for(stdev(answer.values), precision * fmean(answer.values)) or MOST


def near(base: Root, question: Question) -> Range:
    """Where to look for the load of nearly the same system: two runs confirm that nothing has changed."""
    wide = range_of(question)
    start = base.met if wide.whole else base.missed
    assert start is not None
    lowest, highest = min(wide.lowest, start), max(wide.highest, start)
    return replace(wide, start=start, lowest=lowest, highest=highest, step=NARROW, step_down=1 + wide.tolerance)
