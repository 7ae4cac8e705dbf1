"""One repetition of the coverage study: the intervals that one user of the M/M/1 scenario would get, however they ask.

Used by measure_coverage and test_coverage. Every interval is made by the code that users get theirs from: find_warm_up
and `within` for what of a run counts, `measure` for a replication's values, Samples for estimates and paired
differences, Precision for how many replications there are. Nothing here computes a statistic of its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sim.experiment.intervals import Interval
from sim.experiment.jobs import Outcome
from sim.experiment.precision import START, Precision
from sim.experiment.samples import Samples
from sim.experiment.warm_up import Averaged, find_warm_up, without_values
from sim.metrics import Micros, RunFacts, Table, Tables
from sim.metrics.measure import measure
from sim.metrics.saturation import detect_saturation
from sim.metrics.statistics import spread
from sim.metrics.steady import series_of, within
from sim.scenario import Horizon
from tests.statistical.kept_runs import Case, Replication, replications

MEAN, P95 = "latency_s.get_port.mean", "latency_s.get_port.p95"
NO_CUT, FOUND_CUT, GIVEN_CUT = "nothing", "MSER-5", "given"
CUTS = (NO_CUT, FOUND_CUT, GIVEN_CUT)
MEAN_OF_10, P95_OF_10, DIFFERENCE_OF_10, MEAN_TO_PRECISION = "mean", "p95", "difference", "--precision"
OF_10 = (MEAN_OF_10, P95_OF_10, DIFFERENCE_OF_10)
QUESTIONS = (*OF_10, MEAN_TO_PRECISION)

Runs = Mapping[str, Sequence[RunFacts]]  # by variant


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The interval of one repetition for one question; None where the user gets none: saturated, or the cut refused."""

    utilisation: float
    cut: str
    question: str
    interval: Interval | None


def of_ten(case: Case, seed: int, *, cuts: Sequence[str] = CUTS, folder: Path | None = None) -> Iterator[Found]:
    """What the user with this seed gets from ten replications of both variants."""
    runs = {variant: _facts(case, variant, seed, 0, START, folder) for variant in ("slow", "fast")}
    for cut in cuts:
        samples = measured(case, runs, cut=cut)
        answers = (
            samples.estimate(MEAN, "slow").interval,
            samples.estimate(P95, "slow").interval,
            samples.difference(MEAN, "fast", "slow").interval,
        )
        for question, interval in zip(OF_10, answers, strict=True):
            yield Found(utilisation=case.utilisation, cut=cut, question=question, interval=interval)


def to_precision(case: Case, seed: int, *, cuts: Sequence[str] = CUTS, folder: Path | None = None) -> Iterator[Found]:
    """What the user gets from as many replications of one variant as --precision asks for."""
    runs: list[RunFacts] = []
    rule = Precision(share=case.precision, metrics=(MEAN,))
    for cut in cuts:
        samples, count = None, 0
        while more := rule.more(samples):
            count += more
            if count > len(runs):
                runs += _facts(case, "slow", seed, len(runs), count - len(runs), folder)
            samples = measured(case, {"slow": runs[:count]}, cut=cut)
        assert samples is not None
        interval = samples.estimate(MEAN, "slow").interval
        yield Found(utilisation=case.utilisation, cut=cut, question=MEAN_TO_PRECISION, interval=interval)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """Ten replications of one user as they are: what explains the intervals that are made of them.

    `means_s` are the replications' own, nothing cut; the rest is of what lies behind the given warm-up, of all ten.
    """

    case: Case
    means_s: tuple[float, ...]
    operations: int
    total_s: float
    pooled_p95_s: float
    saturated: int


def drawn(case: Case, seed: int, *, folder: Path | None = None) -> Drawn:
    """What the user with this seed has drawn of the slow variant."""
    runs = replications(case, "slow", seed, first=0, count=START, folder=folder)
    settled = np.concatenate([_settled_us(run, case.warm_up_s) for run in runs])
    return Drawn(
        case=case,
        means_s=tuple(float(_settled_us(run, 0).mean()) / 1e6 for run in runs),
        operations=len(settled),
        total_s=float(settled.sum()) / 1e6,
        pooled_p95_s=spread(settled, ("p95",), scale=1e6)["p95"] or 0.0,
        saturated=sum(facts_of(case, "slow", 0, run).outcome == "saturated" for run in runs),
    )


def _settled_us(run: Replication, after_s: float) -> Micros:
    return (run.ended_us - run.intended_us)[run.intended_us >= after_s * 1e6]


def measured(case: Case, runs: Runs, *, cut: str) -> Samples:
    """Every replication's values, of what lies behind the warm-up."""
    if cut == NO_CUT:
        return Samples([_outcome(run, run) for each in runs.values() for run in each])
    given_s = case.warm_up_s if cut == GIVEN_CUT else None
    horizon = Horizon(kind="steady_state", duration_s=case.duration_s, warm_up_s=given_s)
    cut_us = find_warm_up(horizon, {variant: _averaged(each) for variant, each in runs.items()}).cut_us
    return Samples([_outcome_after(run, cut_us) for each in runs.values() for run in each])


def _averaged(runs: Sequence[RunFacts]) -> Averaged:
    averaged = Averaged()
    for run in runs:
        averaged.add(series_of(run, MEAN), outcome=run.outcome)
    return averaged


def _outcome_after(run: RunFacts, cut_us: int | None) -> Outcome:
    return _outcome(run, None if cut_us is None else within(run, cut_us))


def _outcome(run: RunFacts, counts: RunFacts | None) -> Outcome:
    values = without_values(measure(run)) if counts is None else measure(counts)
    return Outcome(
        strategy=run.strategy, replication=run.replication, values=values, outcome=run.outcome, saturated_from_us=None,
        unfinished=0, stall=(), virtual_us=run.virtual_us, tables=None,
    )  # fmt: skip


def _facts(case: Case, variant: str, seed: int, first: int, count: int, folder: Path | None) -> list[RunFacts]:
    runs = replications(case, variant, seed, first=first, count=count, folder=folder)
    return [facts_of(case, variant, number, run) for number, run in enumerate(runs, start=first)]


def facts_of(case: Case, variant: str, number: int, run: Replication) -> RunFacts:
    """The run as sim.simulation describes it, with what is kept of it: its operations."""
    tables, load_end_us, end_us = _tables(run), round(case.duration_s * 1e6), int(run.ended_us.max())
    saturated = detect_saturation(tables.operations, load_end_us=load_end_us, now_us=end_us)
    return RunFacts(
        scenario="mm1", strategy=variant, seed=0, replication=number, tables=tables, virtual_us=end_us,
        load_end_us=load_end_us, outcome="ok" if saturated is None else "saturated",
    )  # fmt: skip


def _tables(run: Replication) -> Tables:
    """Empty but for the operations, which are get_ports and went well."""
    tables = Tables.empty()
    words = tables.words
    rows = np.zeros(len(run.intended_us), dtype=tables.operations.to_numpy().dtype)
    for column in ("port", "tenant", "client", "repeat_of", "error", "bound"):
        rows[column] = -1
    rows["kind"], rows["class"] = words.kinds.code("get_port"), words.classes.code("get_port")
    rows["outcome"] = words.operation_outcomes.code("ok")
    rows["operation"] = np.arange(len(rows))
    rows["intended_us"] = rows["started_us"] = run.intended_us
    rows["ended_us"] = run.ended_us
    return replace(tables, operations=Table("operations", tables.operations.columns, rows.tobytes()))
