"""The formulas themselves, against each other and against values from the literature."""

from math import factorial

import pytest

from tests.statistical.queueing import Station, erlang_c, mean_value_analysis, pollaczek_khinchine, relaxation_s


def test_with_one_server_erlang_c_is_the_load() -> None:
    found = erlang_c(servers=1, rate_per_s=50, service_s=0.01)
    assert (found.probability, found.mean_s) == (pytest.approx(0.5), pytest.approx(0.01))


def test_erlang_c_is_that_of_two_servers_in_closed_form() -> None:
    load = 0.7  # of each of the two: 2 * rho**2 / (1 + rho)
    found = erlang_c(servers=2, rate_per_s=140, service_s=0.01)
    assert found.probability == pytest.approx(2 * load**2 / (1 + load))


def test_a_queue_with_exponential_service_is_one_of_general_service() -> None:
    general = pollaczek_khinchine(rate_per_s=80, service_s=0.01, cv=1)
    special = erlang_c(servers=1, rate_per_s=80, service_s=0.01)
    assert (general.probability, general.mean_s) == (pytest.approx(special.probability), pytest.approx(special.mean_s))


def test_constant_service_halves_the_wait() -> None:
    constant = pollaczek_khinchine(rate_per_s=80, service_s=0.01, cv=0)
    assert constant.mean_s == pytest.approx(erlang_c(servers=1, rate_per_s=80, service_s=0.01).mean_s / 2)


def test_too_much_load_has_no_answer() -> None:
    with pytest.raises(ValueError, match="4 servers cannot serve a load of 4"):
        erlang_c(servers=4, rate_per_s=400, service_s=0.01)
    with pytest.raises(ValueError, match="one server cannot serve a load of 1"):
        pollaczek_khinchine(rate_per_s=100, service_s=0.01, cv=0)


def test_a_busier_queue_forgets_later() -> None:
    assert relaxation_s(utilisation=0.25, service_s=1) == pytest.approx(4)
    assert relaxation_s(utilisation=0.81, service_s=1) == pytest.approx(100)


def test_a_client_alone_never_waits() -> None:
    found = mean_value_analysis(
        [Station(visits=6, service_s=0.002), Station(visits=2, service_s=0.01)], clients=1, think_s=1
    )
    assert (found.response_s, found.throughput_per_s) == (pytest.approx(0.032), pytest.approx(1 / 1.032))


@pytest.mark.parametrize("servers", [1, 2, 3])
def test_one_station_with_thinking_clients_is_the_machine_repairman(servers: int) -> None:
    clients, think_s, service_s = 5, 0.7, 0.4
    weights = [_machines_down(down, clients, servers) * (service_s / think_s) ** down for down in range(clients + 1)]
    busy = sum(min(down, servers) * weight for down, weight in enumerate(weights)) / sum(weights)
    found = mean_value_analysis(
        [Station(visits=1, service_s=service_s, servers=servers)], clients=clients, think_s=think_s
    )
    assert found.throughput_per_s == pytest.approx(busy / service_s)


def _machines_down(down: int, clients: int, servers: int) -> float:
    """The weight of a state of the machine repairman model, without the ratio of the rates."""
    alike = factorial(down) if down <= servers else factorial(servers) * servers ** (down - servers)
    return factorial(clients) / factorial(clients - down) / alike


def test_many_clients_are_held_up_by_the_busiest_station() -> None:
    found = mean_value_analysis(
        [Station(visits=6, service_s=0.002), Station(visits=2, service_s=0.01)], clients=60, think_s=0
    )
    assert found.throughput_per_s == pytest.approx(50, rel=1e-6)
