"""What queueing theory says of the scenarios in scenarios/theory: formulas, nothing that is simulated.

Times in seconds, rates a second. Sources: Erlang (1917) and Pollaczek and Khinchine as in Kleinrock, Queueing Systems I
(1975), 3.5 and 5.6; mean value analysis as in Reiser and Lavenberg (1980), with marginal probabilities for stations of
several servers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import factorial

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Of a queue at rest: the share of arrivals that wait, and the mean wait of all of them."""

    probability: float
    mean_s: float


def erlang_c(*, servers: int, rate_per_s: float, service_s: float) -> Waiting:
    """M/M/c, first come, first served. Offered load a = rate * service must be below c."""
    offered = rate_per_s * service_s
    if offered >= servers:
        raise ValueError(f"{servers} servers cannot serve a load of {offered}")
    full = offered**servers / factorial(servers) * servers / (servers - offered)
    probability = full / (sum(offered**k / factorial(k) for k in range(servers)) + full)
    return Waiting(probability=probability, mean_s=probability * service_s / (servers - offered))


def pollaczek_khinchine(*, rate_per_s: float, service_s: float, cv: float) -> Waiting:
    """M/G/1, first come, first served; `cv` is the standard deviation of the service over its mean."""
    load = rate_per_s * service_s
    if load >= 1:
        raise ValueError(f"one server cannot serve a load of {load}")
    second_moment = service_s**2 * (1 + cv**2)
    return Waiting(probability=load, mean_s=rate_per_s * second_moment / (2 * (1 - load)))


def relaxation_s(*, utilisation: float, service_s: float) -> float:
    """How long M/M/1 takes to forget its start by a factor of e: service / (1 - sqrt(rho))**2 (Cohen, 1982, II.2)."""
    return service_s / (1 - utilisation**0.5) ** 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """A place with exponential service and a queue, visited several times in a client's cycle."""

    visits: float
    service_s: float
    servers: int = 1

    def rate_per_s(self, customers: int) -> float:
        """How fast it serves when so many are there."""
        return min(customers, self.servers) / self.service_s


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedNetwork:
    """What exact mean value analysis gives: cycles a second, and the time of one without thinking."""

    throughput_per_s: float
    response_s: float


def mean_value_analysis(stations: Sequence[Station], *, clients: int, think_s: float) -> ClosedNetwork:
    """R_k(n) = V_k * sum over j of j / mu_k(j) * p_k(j - 1 | n - 1), X(n) = n / (Z + sum of R_k(n)).

    p_k(j | n) = V_k * X(n) / mu_k(j) * p_k(j - 1 | n - 1): the share of time in which j of n clients are at station k.
    """
    shares = [np.array([1.0]) for _ in stations]
    throughput, response = 0.0, 0.0
    for number in range(1, clients + 1):
        times = [_residence_s(each, share) for each, share in zip(stations, shares, strict=True)]
        response = sum(times)
        throughput = number / (think_s + response)
        shares = [_shares(each, share, throughput) for each, share in zip(stations, shares, strict=True)]
    return ClosedNetwork(throughput_per_s=throughput, response_s=response)


def _residence_s(station: Station, share: np.ndarray) -> float:
    """Time at a station a cycle, of an arrival that finds the shares of a network with one client less."""
    times = [(found + 1) / station.rate_per_s(found + 1) * part for found, part in enumerate(share)]
    return station.visits * float(sum(times))


def _shares(station: Station, share: np.ndarray, throughput: float) -> np.ndarray:
    some = [station.visits * throughput / station.rate_per_s(k + 1) * part for k, part in enumerate(share)]
    return np.array([1 - sum(some), *some])
