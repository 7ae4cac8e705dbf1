"""The simulator against queueing theory: scenarios in scenarios/theory, run as users run them.

Every comparison refuses a simulator that is right with probability ERROR_RATE (1e-6); seeds are fixed. Runs drop their
first 5 s, at least 15 relaxation times, so nothing is left of the empty start; batches are long against that memory,
too. How wide the intervals are is asserted: the fast tests notice a value that is off by two fifths, the slow ones one
that is off by a tenth to three tenths.
"""

import numpy as np
import pytest

from tests.statistical.batch_means import agrees, batch_means, interval
from tests.statistical.observed import completions, latencies_s, lock_waits_s, played, waits_s
from tests.statistical.queueing import (
    Station,
    Waiting,
    erlang_c,
    mean_value_analysis,
    pollaczek_khinchine,
    relaxation_s,
)

SERVICE_S = 0.01  # mean of every server in these scenarios, as their files say
THINK_S, STATEMENT_S, STATEMENTS, CALLS = 0.05, 0.002, 6, 2  # closed.yaml
COARSE, FINE = 0.4, 0.1  # how wide an interval of a fast and of a slow test may be to each side, over the value
Means = np.ndarray


def assert_agrees(means: Means, theory: float, *, width: float) -> None:
    low, high = interval(means)
    assert agrees(means, theory), f"theory says {theory:.6g}, the run {low:.6g} to {high:.6g}"
    assert (high - low) / 2 < width * theory, f"{low:.6g} to {high:.6g} is too wide to say anything"


# M/M/c: a controller with c calls, and the cores of the database


def controller(servers: int, utilisation: float, *, duration_s: float) -> tuple[Waiting, Means, Means]:
    """What theory says, and the batch means of waits and latencies."""
    rate = round(utilisation * servers / SERVICE_S)
    found = played(
        "mmc",
        f"controllers.sdn.concurrency={servers}",
        f"workload.arrivals.poisson.rate_per_s={rate}",
        *long_enough(duration_s),
    )
    waits, latencies = waits_s(found, "sdn", after_s=5), latencies_s(found, after_s=5)
    assert len(waits) == len(latencies)
    return erlang_c(servers=servers, rate_per_s=rate, service_s=SERVICE_S), waits, latencies


def long_enough(duration_s: float) -> tuple[str, str]:
    return f"horizon.duration_s={duration_s}", f"horizon.max_virtual_time_s={duration_s + 600}"


@pytest.mark.parametrize(("servers", "utilisation", "duration_s"), [(1, 0.5, 200), (4, 0.6, 50)])
def test_a_controller_keeps_callers_waiting_as_erlang_says(servers: int, utilisation: float, duration_s: float) -> None:
    theory, waits, latencies = controller(servers, utilisation, duration_s=duration_s)
    assert_agrees(batch_means(waits > 0), theory.probability, width=COARSE)
    assert_agrees(batch_means(latencies), theory.mean_s + SERVICE_S, width=COARSE)


@pytest.mark.slow
@pytest.mark.parametrize(("servers", "utilisation", "duration_s"), [(1, 0.5, 1500), (4, 0.8, 300)])
def test_a_controller_keeps_callers_waiting_exactly_as_erlang_says(
    servers: int, utilisation: float, duration_s: float
) -> None:
    theory, waits, latencies = controller(servers, utilisation, duration_s=duration_s)
    assert_agrees(batch_means(waits > 0), theory.probability, width=FINE)
    assert_agrees(batch_means(waits), theory.mean_s, width=3 * FINE)
    assert_agrees(batch_means(latencies), theory.mean_s + SERVICE_S, width=2 * FINE)


@pytest.mark.parametrize("cores", [1, 4])
def test_the_cores_of_the_database_keep_statements_waiting_as_erlang_says(cores: int) -> None:
    found = played(
        "mm1",
        f"database.cores={cores}",
        f"workload.arrivals.poisson.rate_per_s={50 * cores}",
        *long_enough(400 / cores),
    )
    theory = erlang_c(servers=cores, rate_per_s=50 * cores, service_s=SERVICE_S)
    assert_agrees(batch_means(latencies_s(found, after_s=5)), theory.mean_s + SERVICE_S, width=COARSE)


@pytest.mark.slow
def test_the_latency_in_front_of_one_core_is_exponential() -> None:
    found = latencies_s(played("mm1", *long_enough(3000)), after_s=5)
    for share in (0.5, 0.1, 0.05):
        assert_agrees(batch_means(found > -2 * SERVICE_S * np.log(share)), share, width=3 * FINE)


# M/G/1: creates that hold the pool row of their only subnet during the bind


def subnet(bind: str, *, duration_s: float) -> tuple[Means, Means]:
    """Waits for the row, and latencies."""
    found = played("mg1", f"controllers.sdn.latency.bind={bind}", *long_enough(duration_s))
    return lock_waits_s(found, "create_port", after_s=5), latencies_s(found, after_s=5)


GAMMA, LOGNORMAL, CONSTANT = "{gamma: {mean_s: 0.01, cv: 1.5}}", "{lognormal: {median_s: 0.008, p95_s: 0.024}}", "0.01"
LOGNORMAL_SIGMA = np.log(3) / 1.6448536269514722  # of p95 = 3 * median
LOGNORMAL_MEAN_S = 0.008 * np.exp(LOGNORMAL_SIGMA**2 / 2)
LOGNORMAL_CV = np.sqrt(np.expm1(LOGNORMAL_SIGMA**2))
BINDS = [(GAMMA, 0.01, 1.5), (LOGNORMAL, LOGNORMAL_MEAN_S, LOGNORMAL_CV), (CONSTANT, 0.01, 0.0)]


def test_creates_queue_for_their_subnet_as_pollaczek_and_khinchine_say() -> None:
    waits, latencies = subnet(GAMMA, duration_s=120)
    theory = pollaczek_khinchine(rate_per_s=50, service_s=SERVICE_S, cv=1.5)
    assert_agrees(batch_means(waits > 0), theory.probability, width=COARSE)
    assert_agrees(batch_means(latencies), theory.mean_s + SERVICE_S, width=COARSE)


@pytest.mark.slow
@pytest.mark.parametrize(("bind", "mean_s", "cv"), BINDS, ids=["gamma", "lognormal", "constant"])
def test_creates_queue_for_their_subnet_exactly_as_pollaczek_and_khinchine_say(
    bind: str, mean_s: float, cv: float
) -> None:
    waits, latencies = subnet(bind, duration_s=500)
    theory = pollaczek_khinchine(rate_per_s=50, service_s=mean_s, cv=cv)
    assert_agrees(batch_means(waits > 0), theory.probability, width=FINE)
    assert_agrees(batch_means(waits), theory.mean_s, width=3 * FINE)
    assert_agrees(batch_means(latencies), theory.mean_s + mean_s, width=2 * FINE)


def test_deferred_binding_has_no_such_queue() -> None:
    found = played("mg1", "strategies=[deferred]")
    assert not lock_waits_s(found, "create_port", after_s=0).any()


# closed clients: a network in product form


def stations(servers: int) -> list[Station]:
    return [
        Station(visits=STATEMENTS, service_s=STATEMENT_S),
        Station(visits=CALLS, service_s=SERVICE_S, servers=servers),
    ]


def clients(number: int, *, servers: int, duration_s: float) -> tuple[Means, Means]:
    """Batch means of throughput and response time; there is no wait that product form does not know."""
    found = played(
        "closed",
        f"workload.arrivals.closed.clients={number}",
        f"controllers.sdn.concurrency={servers}",
        *long_enough(duration_s),
    )
    assert not len(found.tables.lock_waits)
    assert not found.tables.transactions.column("pool_wait_us").any()
    rates = completions(found, after_s=5, until_s=duration_s, intervals=50)
    return rates, batch_means(latencies_s(found, after_s=5))


@pytest.mark.parametrize(("number", "servers", "duration_s"), [(1, 1, 200), (4, 1, 80), (12, 2, 40)])
def test_closed_clients_get_what_mean_value_analysis_says(number: int, servers: int, duration_s: float) -> None:
    rates, responses = clients(number, servers=servers, duration_s=duration_s)
    theory = mean_value_analysis(stations(servers), clients=number, think_s=THINK_S)
    assert_agrees(rates, theory.throughput_per_s, width=COARSE)
    assert_agrees(responses, theory.response_s, width=COARSE)


@pytest.mark.slow
@pytest.mark.parametrize("servers", [1, 2])
@pytest.mark.parametrize("number", [2, 5, 10, 20])
def test_closed_clients_get_exactly_what_mean_value_analysis_says(number: int, servers: int) -> None:
    theory = mean_value_analysis(stations(servers), clients=number, think_s=THINK_S)
    rates, responses = clients(number, servers=servers, duration_s=round(12_000 / theory.throughput_per_s))
    assert_agrees(rates, theory.throughput_per_s, width=FINE)
    assert_agrees(responses, theory.response_s, width=FINE)


# the checks can fail


def test_a_theory_of_another_queue_is_refused() -> None:
    _, waits, latencies = controller(4, 0.6, duration_s=20)
    for wrong in (
        erlang_c(servers=3, rate_per_s=240, service_s=SERVICE_S),
        erlang_c(servers=5, rate_per_s=240, service_s=SERVICE_S),
    ):
        assert not agrees(batch_means(waits > 0), wrong.probability)
    _, latencies = subnet(GAMMA, duration_s=60)
    for cv in (0.0, 3.0):
        wrong = pollaczek_khinchine(rate_per_s=50, service_s=SERVICE_S, cv=cv)
        assert not agrees(batch_means(latencies), wrong.mean_s + SERVICE_S)
    rates, responses = clients(4, servers=1, duration_s=40)
    wrong_network = mean_value_analysis(stations(2), clients=4, think_s=THINK_S)
    assert not agrees(rates, wrong_network.throughput_per_s)
    assert not agrees(responses, wrong_network.response_s)


def test_the_dropped_beginning_is_long_against_the_memory_of_the_queues() -> None:
    assert 15 * relaxation_s(utilisation=0.5, service_s=SERVICE_S) < 5
    assert 15 * relaxation_s(utilisation=0.6, service_s=SERVICE_S / 4) < 5
