from typing import Any

import numpy as np
import pytest

from sim.metrics.saturation import detect_saturation

S = 1_000_000


def served(arrivals: Any, service: Any, *, servers: int = 1) -> list[tuple[float, float]]:
    """(began, ended) of a first-come-first-served queue, in seconds."""
    free, rows = [0.0] * servers, []
    for began, length in zip(arrivals, service, strict=True):
        start = max(began, min(free))
        free[free.index(min(free))] = start + length
        rows.append((began, start + length))
    return rows


def judge(hand: Any, rows: list[tuple[float, float]], *, load: float = 60.0, now: float = 700.0) -> Any:
    for began, ended in rows:
        hand.operation(began=began, ended=ended if ended <= now else None)
    return detect_saturation(hand.tables.operations, load_end_us=round(load * S), now_us=round(now * S))


def poisson(draws: np.random.Generator, rate: float, load: float = 60.0) -> Any:
    return np.sort(draws.uniform(0, load, size=draws.poisson(rate * load)))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("overload", [1.3, 1.5, 3.0])
def test_an_overloaded_queue_is_saturated_from_the_start(hand: Any, seed: int, overload: float) -> None:
    draws = np.random.default_rng(seed)
    arrivals = poisson(draws, 20)
    found = judge(hand, served(arrivals, draws.exponential(overload / 20, size=len(arrivals))))
    assert found is not None
    assert found.from_us < 25 * S
    assert found.unfinished == pytest.approx(1200 * (1 - 1 / overload), rel=0.5)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("load", [0.3, 0.6, 0.9])
def test_a_stable_queue_is_not_saturated(hand: Any, seed: int, load: float) -> None:
    draws = np.random.default_rng(seed)
    arrivals = poisson(draws, 20)
    assert judge(hand, served(arrivals, draws.exponential(load / 20, size=len(arrivals)))) is None


@pytest.mark.parametrize("seed", range(10))
def test_bursts_that_are_worked_off_are_not_saturation(hand: Any, seed: int) -> None:
    draws = np.random.default_rng(seed)
    starts = poisson(draws, 0.2)
    arrivals = np.sort(np.concatenate([start + np.arange(40) * 0.01 for start in starts]))
    assert judge(hand, served(arrivals, np.full(len(arrivals), 0.06))) is None


def test_a_burst_just_before_the_arrivals_stop_is_not_saturation(hand: Any) -> None:
    calm = [(at, at + 0.3) for at in np.arange(0, 60, 0.1)]
    burst = served(np.full(300, 59.0), np.full(300, 0.1))
    assert judge(hand, calm + burst) is None


def test_a_long_but_constant_latency_is_not_saturation(hand: Any) -> None:
    assert judge(hand, [(at, at + 45.0) for at in np.arange(0, 60, 0.1)]) is None


def test_a_storm_at_one_instant_is_not_saturation(hand: Any) -> None:
    assert judge(hand, served(np.zeros(500), np.full(500, 0.1)), load=0.0) is None
    assert judge(hand, served(np.zeros(500), np.full(500, 0.1))) is None


def test_clients_that_wait_for_their_answer_cannot_saturate(hand: Any) -> None:
    rows = [(at + client / 100, at + 0.9 + client / 100) for at in range(60) for client in range(50)]
    assert judge(hand, rows) is None


def test_a_queue_that_breaks_down_half_way_says_from_when(hand: Any) -> None:
    arrivals = np.arange(0, 60, 0.05)
    service = np.where(arrivals < 30, 0.03, 0.1)
    found = judge(hand, served(arrivals, service))
    assert found is not None
    assert 29 * S < found.from_us < 35 * S
    assert 280 < found.unfinished < 320


def test_one_saturated_row_among_many_healthy_ones_is_saturation(hand: Any) -> None:
    draws = np.random.default_rng(3)
    hot = served(np.arange(0, 60, 0.25), np.full(240, 0.5))
    healthy = [(at, at + 0.5) for at in poisson(draws, 20)]
    found = judge(hand, hot + healthy)
    assert found is not None
    assert found.unfinished > 100


def test_what_never_is_answered_counts_as_unfinished(hand: Any) -> None:
    rows = [(at, at + 0.1 if at < 20 else 1e6) for at in np.arange(0, 60, 0.1)]
    found = judge(hand, rows, now=60.0)
    assert str(found).startswith("saturated from t = ")
    assert found.unfinished == 400


def test_a_handful_of_operations_tells_nothing(hand: Any) -> None:
    assert judge(hand, [(float(at), 1e6) for at in range(9)], now=60.0) is None
