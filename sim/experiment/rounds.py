"""Replications in rounds: as many as were asked for at once, or round by round until they are precise enough.

Called by sim.experiment.comparing. Every strategy gets the same number of replications in every round, since
differences are paired. It keeps the outcomes without their tables; those go to the writer as they come. Of a
steady-state scenario the warm-up is found again after each round, from all replications so far, and what lies behind
it is measured again.
"""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace

from sim.experiment.jobs import Outcome, jobs_for, labels
from sim.experiment.pool import run_jobs
from sim.experiment.samples import Samples
from sim.experiment.settings import Settings
from sim.experiment.spool import Spool
from sim.experiment.warm_up import Averaged, TooShort, WarmUp, find_warm_up, without_values
from sim.metrics.measure import measure
from sim.metrics.steady import within
from sim.results import ResultWriter
from sim.scenario import Problem, Scenario, ScenarioError


@dataclass(frozen=True, slots=True)
class Replicated:
    """The outcomes, strategy by strategy, without their tables; and the warm-up of a steady-state scenario."""

    outcomes: tuple[Outcome, ...]
    warm_up: WarmUp | None


def replicate(scenario: Scenario, names: tuple[str, ...], how: Settings, writer: ResultWriter | None) -> Replicated:
    """Runs everything. ScenarioError for a load that is too short to find the warm-up from."""
    with Spool() if _finds_warm_up(scenario) else nullcontext() as spool:
        return _Rounds(scenario, names, how, writer, spool).run()


def _finds_warm_up(scenario: Scenario) -> bool:
    return scenario.horizon.kind == "steady_state" and scenario.horizon.warm_up_s is None


class _Rounds:
    """The replications of one comparison."""

    def __init__(
        self,
        scenario: Scenario,
        names: tuple[str, ...],
        how: Settings,
        writer: ResultWriter | None,
        spool: Spool | None,
    ) -> None:
        self._scenario, self._names, self._how = scenario, names, how
        self._writer, self._spool = writer, spool
        self._averaged = {label: Averaged() for label in labels(names)}
        self._places = {label: place for place, label in enumerate(labels(names))}
        self._kept: list[Outcome] = []

    def run(self) -> Replicated:
        found = Replicated((), None)
        while more := self._more(found):
            for outcome in self._round(more):
                self._keep(outcome)
            found = self._settled()
        return found

    def _more(self, found: Replicated) -> int:
        """How many replications the next round has; 0: there is none."""
        if self._how.precision is None:
            return 0 if found.outcomes else self._how.replications
        return self._how.precision.more(Samples(found.outcomes) if found.outcomes else None)

    def _round(self, more: int) -> Iterator[Outcome]:
        how, keeps = self._how, self._how.output is not None
        first = how.first_replication + len(self._kept) // len(self._names)
        jobs = jobs_for(
            self._scenario, self._names, seed=how.seed, replications=more, first=first, keep_tables=keeps,
            keep_history=keeps and how.history, verify=how.verify, keep_facts=self._spool is not None,
        )  # fmt: skip
        return run_jobs(jobs, runner=how.runner, workers=how.workers, on_progress=how.on_progress)

    def _keep(self, outcome: Outcome) -> None:
        if self._writer is not None:
            _write(outcome, self._writer)
        if outcome.series is not None:
            self._averaged[outcome.strategy].add(outcome.series, outcome=outcome.outcome)
        if self._spool is not None and outcome.facts is not None:
            self._spool.put(outcome.strategy, outcome.replication, outcome.facts)
        self._kept.append(outcome.without_tables())

    def _settled(self) -> Replicated:
        """All outcomes so far, measured without the warm-up."""
        outcomes = sorted(self._kept, key=lambda outcome: (self._places[outcome.strategy], outcome.replication))
        if self._scenario.horizon.kind == "terminating":
            return Replicated(tuple(outcomes), None)
        warm_up = self._warm_up()
        if self._spool is None:
            return Replicated(tuple(outcomes), warm_up)
        return Replicated(tuple(self._again(outcome, self._spool, warm_up) for outcome in outcomes), warm_up)

    def _warm_up(self) -> WarmUp:
        try:
            return find_warm_up(self._scenario.horizon, self._averaged)
        except TooShort as problem:
            place = self._scenario.source or self._scenario.name
            raise ScenarioError([Problem(place, ("horizon", "kind"), str(problem))]) from None

    def _again(self, outcome: Outcome, spool: Spool, warm_up: WarmUp) -> Outcome:
        if warm_up.cut_us is None:
            return replace(outcome, values=without_values(outcome.values))
        facts = spool.get(outcome.strategy, outcome.replication)
        return replace(outcome, values=measure(within(facts, warm_up.cut_us)))


def _write(outcome: Outcome, writer: ResultWriter) -> None:
    if outcome.tables is not None:
        writer.add(outcome.tables, strategy=outcome.strategy, replication=outcome.replication)
    if outcome.history is not None:
        writer.add_history(outcome.history, strategy=outcome.strategy, replication=outcome.replication)
