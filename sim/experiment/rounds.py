"""Replications in rounds: as many as were asked for at once, or round by round until they are precise enough.

Called by sim.experiment.comparing. Every strategy gets the same number of replications in every round, since
differences are paired. It keeps the outcomes without their tables; those go to the writer as they come.
"""

from collections.abc import Iterator, Sequence

from sim.experiment.jobs import Outcome, jobs_for, labels
from sim.experiment.pool import run_jobs
from sim.experiment.samples import Samples
from sim.experiment.settings import Settings
from sim.results import ResultWriter
from sim.scenario import Scenario


def replicate(scenario: Scenario, names: tuple[str, ...], how: Settings, writer: ResultWriter | None) -> list[Outcome]:
    """The outcomes, strategy by strategy, without their tables."""
    kept = list[Outcome]()
    while more := _more(kept, names, how):
        for outcome in _round(scenario, names, how, done=len(kept) // len(names), more=more):
            if writer is not None:
                _write(outcome, writer)
            kept.append(outcome.without_tables())
    return _sorted(kept, names)


def _more(kept: Sequence[Outcome], names: tuple[str, ...], how: Settings) -> int:
    """How many replications the next round has; 0: there is none."""
    if how.precision is None:
        return 0 if kept else how.replications
    return how.precision.more(Samples(_sorted(kept, names)) if kept else None)


def _round(scenario: Scenario, names: tuple[str, ...], how: Settings, *, done: int, more: int) -> Iterator[Outcome]:
    keeps = how.output is not None
    jobs = jobs_for(
        scenario, names, seed=how.seed, replications=more, first=how.first_replication + done, keep_tables=keeps,
        keep_history=keeps and how.history, verify=how.verify,
    )  # fmt: skip
    return run_jobs(jobs, runner=how.runner, workers=how.workers, on_progress=how.on_progress)


def _write(outcome: Outcome, writer: ResultWriter) -> None:
    if outcome.tables is not None:
        writer.add(outcome.tables, strategy=outcome.strategy, replication=outcome.replication)
    if outcome.history is not None:
        writer.add_history(outcome.history, strategy=outcome.strategy, replication=outcome.replication)


def _sorted(outcomes: Sequence[Outcome], names: tuple[str, ...]) -> list[Outcome]:
    places = {label: place for place, label in enumerate(labels(names))}
    return sorted(outcomes, key=lambda outcome: (places[outcome.strategy], outcome.replication))
