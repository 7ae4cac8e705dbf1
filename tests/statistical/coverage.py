"""One repetition of the coverage study: the intervals that one user of the M/M/1 scenario would get, however they ask.

Used by measure_coverage and test_coverage.py. Every interval is made by the code that users get theirs from:
sim.metrics.measure for a replication's values, Samples for estimates and paired differences, Precision for how many
replications there are. Nothing here computes a statistic of its own.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sim.experiment.intervals import Interval
from sim.experiment.jobs import Outcome
from sim.experiment.precision import START, Precision
from sim.experiment.samples import Samples
from sim.metrics import RunFacts, Tables
from sim.metrics.measure import measure
from sim.metrics.saturation import detect_saturation
from tests.statistical.kept_runs import Case, Replication, replications

MEAN, P95 = "latency_s.get_port.mean", "latency_s.get_port.p95"
NO_CUT, FIXED_CUT = "nothing", "fixed"
MEAN_OF_10, P95_OF_10, DIFFERENCE_OF_10, MEAN_TO_PRECISION = "mean", "p95", "difference of means", "mean, --precision"

Cut = Callable[[Case, Sequence[Replication]], int]  # microseconds, one for all replications


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The interval of one repetition for one question; None where the user gets none (a replication was saturated)."""

    utilisation: float
    cut: str
    question: str
    interval: Interval | None


def nothing(case: Case, runs: Sequence[Replication]) -> int:
    """A terminating horizon."""
    return 0


def fixed(case: Case, runs: Sequence[Replication]) -> int:
    """A steady_state horizon with warm_up_s."""
    return round(case.warm_up_s * 1e6)


CUTS: dict[str, Cut] = {NO_CUT: nothing, FIXED_CUT: fixed}


def repetition(case: Case, seed: int, *, cuts: Sequence[str], folder: Path | None = None) -> list[Found]:
    """What the user with this seed gets."""
    both = {
        variant: replications(case, variant, seed, first=0, count=START, folder=folder) for variant in ("slow", "fast")
    }
    return [found for cut in cuts for found in _answers(case, seed, both, cut, folder)]


def _answers(
    case: Case, seed: int, both: dict[str, list[Replication]], cut: str, folder: Path | None
) -> Iterator[Found]:
    from_us = CUTS[cut](case, [run for runs in both.values() for run in runs])
    samples = Samples(
        [outcome for variant, runs in both.items() for outcome in outcomes(case, variant, runs, from_us=from_us)]
    )
    answers = {
        MEAN_OF_10: samples.estimate(MEAN, "slow").interval,
        P95_OF_10: samples.estimate(P95, "slow").interval,
        DIFFERENCE_OF_10: samples.difference(MEAN, "fast", "slow").interval,
        MEAN_TO_PRECISION: to_precision(case, seed, both["slow"], cut=cut, folder=folder),
    }
    for question, interval in answers.items():
        yield Found(utilisation=case.utilisation, cut=cut, question=question, interval=interval)


def to_precision(
    case: Case, seed: int, first: list[Replication], *, cut: str, folder: Path | None = None
) -> Interval | None:
    """What --precision gives: as many replications as its rule asks for, after the first ten."""
    rule, runs = Precision(share=case.precision, metrics=(MEAN,)), list(first)
    while True:
        samples = Samples(outcomes(case, "slow", runs, from_us=CUTS[cut](case, runs)))
        more = rule.more(samples)
        if not more:
            return samples.estimate(MEAN, "slow").interval
        runs += replications(case, "slow", seed, first=len(runs), count=more, folder=folder)


def outcomes(case: Case, variant: str, runs: Sequence[Replication], *, from_us: int) -> list[Outcome]:
    """The replications, measured; operations meant to start before `from_us` do not count."""
    return [_outcome(case, variant, number, run, from_us) for number, run in enumerate(runs)]


def _outcome(case: Case, variant: str, number: int, run: Replication, from_us: int) -> Outcome:
    facts = _facts(case, variant, number, run)
    if from_us:
        facts = replace(facts, tables=_tables(_after(run, from_us)))
    return Outcome(
        strategy=variant, replication=number, values=measure(facts), outcome=facts.outcome, saturated_from_us=None,
        unfinished=0, stall=(), virtual_us=facts.virtual_us, tables=None,
    )  # fmt: skip


def _facts(case: Case, variant: str, number: int, run: Replication) -> RunFacts:
    """The run as sim.simulation describes it, with what it kept of its operations."""
    tables, load_end_us, end_us = _tables(run), round(case.duration_s * 1e6), int(run.ended_us.max())
    saturated = detect_saturation(tables.operations, load_end_us=load_end_us, now_us=end_us)
    return RunFacts(
        scenario="mm1", strategy=variant, seed=0, replication=number, tables=tables, virtual_us=end_us,
        load_end_us=load_end_us, outcome="ok" if saturated is None else "saturated",
    )  # fmt: skip


def _after(run: Replication, from_us: int) -> Replication:
    kept = run.intended_us >= from_us
    return Replication(run.intended_us[kept], run.ended_us[kept])


def _tables(run: Replication) -> Tables:
    tables = Tables.empty()
    kind, word = tables.words.kinds.code("get_port"), tables.words.classes.code("get_port")
    ok = tables.words.operation_outcomes.code("ok")
    for number, (intended, ended) in enumerate(zip(run.intended_us.tolist(), run.ended_us.tolist(), strict=True)):
        tables.operations.append(number, kind, word, -1, -1, -1, -1, 0, intended, intended, ended, ok, -1, -1, 0)
    return tables
