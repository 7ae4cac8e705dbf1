"""The coverage study: that it measures what users get, and the gate on what it finds."""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from math import sqrt
from os import cpu_count
from pathlib import Path

import numpy as np
import pytest

from sim import compare
from sim.experiment.comparison import Comparison
from sim.experiment.intervals import Interval
from sim.experiment.jobs import Job, perform, simulate
from sim.metrics import RunFacts
from sim.metrics.measure import Values
from sim.scenario import load_scenario
from tests.statistical.coverage import (
    DIFFERENCE_OF_10,
    GIVEN_CUT,
    MEAN,
    MEAN_OF_10,
    MEAN_TO_PRECISION,
    NO_CUT,
    P95_OF_10,
    Found,
    drawn,
    facts_of,
    measured,
    of_ten,
    to_precision,
)
from tests.statistical.kept_runs import CASES, SCENARIO, Case, overrides, replications
from tests.statistical.measure_coverage import judged, row_of_runs, theory

HALF = CASES[0]
SHORT = Case(utilisation=0.5, duration_s=2, warm_up_s=0.5, precision=0.2)
LONGER = Case(utilisation=0.5, duration_s=4, warm_up_s=0.5, precision=0.2)
LOWEST, HIGHEST, REPETITIONS = 0.93, 0.97, 1000


def quietly(virtual_us: int, operations: int) -> None:
    """No progress."""


def kept(case: Case, variant: str, seed: int, *, count: int) -> list[RunFacts]:
    runs = replications(case, variant, seed, first=0, count=count)
    return [facts_of(case, variant, number, run) for number, run in enumerate(runs)]


def latencies(values: Values) -> dict[str, float | None]:
    return {name: value for name, value in values.values.items() if name.startswith("latency_s")}


@pytest.mark.parametrize("cut", [NO_CUT, GIVEN_CUT])
def test_a_kept_run_has_the_values_of_the_run_itself(cut: str) -> None:
    horizon = [] if cut == NO_CUT else ["horizon.kind=steady_state", f"horizon.warm_up_s={SHORT.warm_up_s}"]
    scenario = load_scenario(SCENARIO, [*overrides(SHORT, "slow"), *horizon])
    job = Job(scenario=scenario, strategy="deferred", label="slow", seed=3, replication=1, draw=1)
    whole = perform(job, simulate, quietly)
    again = measured(SHORT, {"slow": kept(SHORT, "slow", 3, count=2)}, cut=cut).outcomes("slow")[1]
    assert latencies(whole.values) == latencies(again.values)
    assert whole.outcome == again.outcome


@pytest.mark.parametrize("horizon", [(), ("horizon.kind=steady_state",)])
def test_a_repetition_is_what_compare_gives(horizon: tuple[str, ...]) -> None:
    cut = "MSER-5" if horizon else NO_CUT
    scenario = load_scenario(SCENARIO, [*overrides(LONGER, "slow"), *horizon])
    user = compare(scenario, strategies=["deferred"], seed=5, replications=10, workers=1)
    found = measured(LONGER, {"slow": kept(LONGER, "slow", 5, count=10)}, cut=cut).estimate(MEAN, "slow")
    assert isinstance(user, Comparison)
    assert user.samples.estimate(MEAN, "deferred") == found
    assert found.interval is not None


def test_kept_runs_are_read_again(tmp_path: Path) -> None:
    fresh = replications(SHORT, "fast", 2, first=8, count=5)
    for _ in range(2):
        again = replications(SHORT, "fast", 2, first=8, count=5, folder=tmp_path)
        assert [list(run.ended_us) for run in again] == [list(run.ended_us) for run in fresh]
        assert [list(run.intended_us) for run in again] == [list(run.intended_us) for run in fresh]


def test_both_variants_see_the_same_arrivals() -> None:
    slow, fast = (replications(SHORT, variant, 1, first=0, count=1)[0] for variant in ("slow", "fast"))
    assert list(slow.intended_us) == list(fast.intended_us)
    assert (slow.ended_us >= fast.ended_us).all()


def test_a_repetition_answers_every_question_with_an_interval() -> None:
    cuts = (NO_CUT, GIVEN_CUT)
    several = [*of_ten(SHORT, 1, cuts=cuts), *to_precision(SHORT, 1, cuts=cuts)]
    found = {(each.cut, each.question): each.interval for each in several}
    assert len(found) == len(several) == 2 * 4
    assert found[NO_CUT, MEAN_OF_10].count == 10
    precise = found[NO_CUT, MEAN_TO_PRECISION]
    assert precise.half < SHORT.precision * precise.mean
    assert found[NO_CUT, DIFFERENCE_OF_10].high < 0


def test_ten_replications_are_the_first_of_those_to_a_precision() -> None:
    loose = replace(SHORT, precision=0.9)
    (precise,) = to_precision(loose, 1, cuts=[NO_CUT])
    ten = next(iter(of_ten(loose, 1, cuts=[NO_CUT])))
    assert precise.interval == ten.interval


def test_the_theory_is_that_of_an_exponential_latency() -> None:
    assert theory(0.5, MEAN_OF_10) == pytest.approx(0.02)
    assert theory(0.5, P95_OF_10) == pytest.approx(0.02 * np.log(20))
    assert theory(0.5, DIFFERENCE_OF_10) == pytest.approx(1 / (1 / 0.009 - 50) - 0.02)


def found_of(interval: Interval | None, question: str = MEAN_OF_10) -> Found:
    return Found(utilisation=0.5, cut=NO_CUT, question=question, interval=interval)


def test_coverage_counts_the_intervals_that_hold_the_value() -> None:
    made = [Interval(0.02, 0.01, 0.03, 10), Interval(0.04, 0.03, 0.05, 10), Interval(0.03, 0.01, 0.05, 10)]
    (coverage,) = judged([*map(found_of, made), found_of(None)])
    assert coverage.expected == pytest.approx(0.03)
    assert coverage.share_that_hold(0.03) == 1
    assert coverage.share_that_hold(0.02) == pytest.approx(2 / 3)
    assert "| 25.0% |" in coverage.row


def test_what_precision_is_for_is_the_mean_over_ten() -> None:
    ten, precise = Interval(0.02, 0.01, 0.03, 10), Interval(0.01, 0.005, 0.015, 15)
    _, coverage = judged([found_of(ten), found_of(precise, MEAN_TO_PRECISION)])
    assert coverage.expected == 0.02
    assert coverage.share_that_hold(coverage.expected) == 0


def test_the_table_of_runs_tells_what_was_drawn() -> None:
    one = drawn(SHORT, 1)
    latencies_us = np.concatenate(
        [run.ended_us - run.intended_us for run in replications(SHORT, "slow", 1, first=0, count=10)]
    )
    everything = drawn(replace(SHORT, warm_up_s=0), 1)
    assert everything.operations == len(latencies_us) > one.operations
    assert everything.total_s == pytest.approx(latencies_us.sum() / 1e6)
    assert everything.pooled_p95_s == pytest.approx(np.quantile(latencies_us, 0.95, method="inverted_cdf") / 1e6)
    assert one.means_s == everything.means_s
    assert row_of_runs([one]).startswith("| 0.5 | 2 s | 100 | 17 | 0.5 s | 0.2 |")


# the gate


def holds_theory(seed: int) -> bool:
    """Whether the 95 % interval of the mean, from ten replications at rest from their start, holds the true mean."""
    runs = {"slow": kept(HALF, "slow", seed, count=10)}
    found = measured(HALF, runs, cut=GIVEN_CUT).estimate(MEAN, "slow").interval
    assert found is not None
    return (found.low or 0) <= theory(HALF.utilisation, MEAN_OF_10) <= (found.high or 0)


@pytest.mark.slow
def test_at_half_load_intervals_of_ten_replications_hold_the_true_mean_93_to_97_times_in_100() -> None:
    """A procedure that covers exactly 0.95 fails this gate with probability 0.003 (binomial, 1,000 repetitions).

    Replications of about 350 operations at half load have means of skewness 1, for which the t interval covers about
    0.94: such a procedure fails with probability 0.08, another reason for fixed seeds.
    """
    with ProcessPoolExecutor(cpu_count()) as pool:
        held = sum(pool.map(holds_theory, range(1, REPETITIONS + 1), chunksize=10))
    assert LOWEST <= held / REPETITIONS <= HIGHEST


def test_the_gate_refuses_what_is_too_narrow() -> None:
    """Intervals with the normal quantile instead of Student's cover 0.92 with ten normal values."""
    draws = np.random.default_rng(1)
    values = draws.normal(size=(REPETITIONS, 10))
    half = 1.96 * values.std(axis=1, ddof=1) / sqrt(10)
    assert np.mean(abs(values.mean(axis=1)) <= half) < LOWEST
