from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from sim.experiment.intervals import t_interval
from sim.experiment.jobs import Outcome
from sim.experiment.precision import MOST, START, Precision, judged_metrics
from sim.experiment.samples import Samples
from sim.metrics.measure import Values
from sim.scenario import Scenario, parse_scenario, resolved

P95 = "latency_s.create_port.p95"
STALE = "lost_bindings_count.stale.total"


def samples(values: dict[str, Sequence[float | None]], metric: str = P95) -> Samples:
    return Samples([_outcome(name, n, metric, one) for name, column in values.items() for n, one in enumerate(column)])


def _outcome(strategy: str, replication: int, metric: str, value: float | None) -> Outcome:
    return Outcome(
        strategy=strategy, replication=replication, values=Values({metric: value}, {metric: "saturated"}), tables=None,
        outcome="saturated" if value is None else "ok", saturated_from_us=None, unfinished=0, stall=(), virtual_us=0,
    )  # fmt: skip


def drawn(mean: float, deviation: float, count: int, seed: int = 1) -> list[float]:
    return list(np.random.default_rng(seed).normal(mean, deviation, size=count))


def half(values: Sequence[float]) -> float:
    found = t_interval(values).half
    assert found is not None
    return found


def asked(share: float = 0.05, **rest: Any) -> Precision:
    return Precision(share=share, metrics=(P95,), **rest)


def test_the_first_round_has_ten_replications() -> None:
    assert asked().more(None) == START == 10


def test_a_narrow_interval_is_enough() -> None:
    found = samples({"old": drawn(2.0, 0.05, 10), "new": drawn(1.0, 0.02, 10)})
    assert asked().is_reached(found)
    assert asked().more(found) == 0


def test_it_stops_at_the_first_round_whose_half_widths_are_all_small_enough() -> None:
    everything, count, rounds = drawn(2.0, 0.4, MOST), 0, []
    while more := asked().more(samples({"old": everything[:count]}) if count else None):
        rounds.append(more)
        count += more
    assert len(rounds) > 1
    last, before = everything[:count], everything[: count - rounds[-1]]
    assert half(last) < 0.05 * np.mean(last)
    assert half(before) >= 0.05 * np.mean(before)


def test_the_worst_strategy_decides_for_all() -> None:
    narrow, wide = drawn(2.0, 0.01, 10), drawn(2.0, 0.3, 10)
    alone = asked().more(samples({"wide": wide}))
    assert 0 < alone < 10
    assert asked().more(samples({"narrow": narrow, "wide": wide})) == alone


def test_a_round_at_most_doubles_what_there_is_and_has_at_least_one() -> None:
    assert asked().more(samples({"wide": drawn(2.0, 5.0, 10)})) == 10
    nearly = [2.0 + 0.0725 * sign for sign in (1, -1) * 5]
    assert 0.05 * 2.0 > half(nearly) > 0.027 * 2.0
    assert asked(0.027).more(samples({"nearly": nearly})) == 1


def test_the_limit_ends_it() -> None:
    wide = samples({"wide": drawn(2.0, 5.0, 15)})
    assert asked(most=20).more(wide) == 5
    assert asked(most=15).more(wide) == 0
    assert not asked(most=15).is_reached(wide)


def test_a_half_width_below_the_floor_is_small_enough_whatever_the_mean() -> None:
    seen = [0.0] * 9 + [1.0]
    assert half(seen) < 0.5
    assert Precision(share=0.05, metrics=(STALE,)).more(samples({"old": seen}, STALE)) == 0
    tiny = [0.0001 + 0.0001 * (n % 2) for n in range(10)]
    assert asked().more(samples({"old": tiny})) == 0


def test_missing_values_do_not_ask_for_more() -> None:
    found = samples({"old": [None] * 10, "new": drawn(1.0, 0.01, 10)})
    assert asked().more(found) == 0
    assert [known.strategy for known in asked().without_values(found)] == ["old"]


def test_without_any_values_nothing_is_reached_and_nothing_more_is_run() -> None:
    found = samples({"old": [None] * 10, "new": [None] * 10})
    assert asked().more(found) == 0
    assert not asked().is_reached(found)


def test_fewer_observations_than_an_interval_takes_ask_for_more() -> None:
    found = samples({"old": [1.0, 1.1, 0.9]})
    assert 0 < asked().more(found) <= 3


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, float("nan")])
def test_a_share_that_means_nothing_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="above 0 and below 1"):
        Precision(share=share)


def test_a_limit_below_the_first_round_is_refused() -> None:
    with pytest.raises(ValueError, match="most is 9; it must be at least 10"):
        Precision(share=0.1, most=9)


def test_without_a_choice_the_metrics_are_those_that_something_is_said_about(scenario: Scenario) -> None:
    promises = ["goodput_per_s.all.mean > 0.5", {"metric": P95, "at_most": 3}]
    demanding = parse_scenario({**resolved(scenario), "thresholds": promises})
    assert judged_metrics(demanding) == (P95, "goodput_per_s.all.mean")
    assert Precision(share=0.1).of(demanding).metrics == (P95, "goodput_per_s.all.mean")
    assert Precision(share=0.1, metrics=(STALE,)).of(demanding).metrics == (STALE,)
