"""When operations arrive, for every kind of open load. Called once, when a simulation is set up.

Draws come from `numpy.random.SeedSequence` streams by name, so that a change elsewhere moves no arrival. Nothing here
knows what arrives.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.kernel import Draws
from sim.scenario import Scenario

if TYPE_CHECKING:
    from sim.scenario import ScriptedOperation
    from sim.scenario.workload import Batches, Modulation, Trace

Micros = np.ndarray[Any, np.dtype[np.int64]]
Reals = np.ndarray[Any, np.dtype[np.float64]]

DRAWN_TENANT = -1  # the arrival belongs to a tenant that is drawn for it


class Arrivals(NamedTuple):
    """Instants of arrival, ascending, each with the tenant it is of (DRAWN_TENANT: drawn for it).

    `numbers` are the numbers of the arrivals where they are not their places.
    """

    at_us: Micros | Sequence[int]
    tenants: Micros | Sequence[int]
    numbers: Sequence[int] | None = None


def open_arrivals(scenario: Scenario, draws: Draws) -> Arrivals:
    """The arrivals of an open load within the horizon's duration; empty for a closed one."""
    arrivals = scenario.workload.arrivals
    until_s = scenario.horizon.duration_s
    if arrivals.poisson is not None:
        return _drawn_tenants(_poisson_s(arrivals.poisson.rate_per_s, until_s, draws.stream("arrivals")))
    if arrivals.constant is not None:
        return _drawn_tenants(_constant_s(arrivals.constant.rate_per_s, until_s))
    if arrivals.batches is not None:
        return _batched(arrivals.batches, until_s, scenario.topology.tenants, draws)
    if arrivals.trace is not None:
        return _traced(arrivals.trace, until_s, scenario.topology.tenants)
    if arrivals.script is not None:
        return _scripted(arrivals.script)
    storm = arrivals.storm
    return _drawn_tenants(np.empty(0) if storm is None else np.full(storm.count, storm.at_s))


def _drawn_tenants(at_s: Reals) -> Arrivals:
    return Arrivals(_micros(at_s), np.full(len(at_s), DRAWN_TENANT, dtype=np.int64))


def _micros(at_s: Reals) -> Micros:
    return np.rint(at_s * 1e6).astype(np.int64)


def _unit_poisson(until: float, stream: np.random.Generator) -> Reals:
    """Instants of a Poisson process of rate 1 before `until`; a longer horizon only adds to them."""
    chunks: list[Reals] = []
    reached = 0.0
    while reached < until:
        chunk = reached + np.cumsum(stream.exponential(size=1024))
        chunks.append(chunk)
        reached = float(chunk[-1])
    at = np.concatenate(chunks) if chunks else np.empty(0)
    return at[at < until]


def _poisson_s(rate_per_s: float, until_s: float, stream: np.random.Generator) -> Reals:
    return _unit_poisson(rate_per_s * until_s, stream) / rate_per_s


def _constant_s(rate_per_s: float, until_s: float) -> Reals:
    at_s = np.arange(1, int(until_s * rate_per_s) + 2) / rate_per_s
    return at_s[at_s < until_s]


def _batched(batches: "Batches", until_s: float, tenants: int, draws: Draws) -> Arrivals:
    size_purpose, spacing_purpose = draws.purpose("batch size"), draws.purpose("batch spacing")
    spacing = batches.spacing_s.build()
    at_us: list[int] = []
    owners: list[int] = []
    for batch, began_us in enumerate(_micros(_batch_starts_s(batches, until_s, draws)).tolist()):
        next_us = began_us
        for place in range(batches.size.quantile(draws.uniform(size_purpose, batch))):
            at_us.append(next_us)
            owners.append(batch % tenants)
            next_us += spacing.quantile_us(draws.uniform(spacing_purpose, batch, place))
    return _before(np.array(at_us, dtype=np.int64), np.array(owners, dtype=np.int64), until_s)


def _before(at_us: Micros, owners: Micros, until_s: float) -> Arrivals:
    """In order of time. Numbers are the places before that: batches that overlap keep theirs at any rate."""
    order = np.argsort(at_us, kind="stable")
    order = order[at_us[order] < until_s * 1e6]
    return Arrivals(at_us[order], owners[order], order.tolist())


def _batch_starts_s(batches: "Batches", until_s: float, draws: Draws) -> Reals:
    stream = draws.stream("arrivals")
    if batches.modulation is None:
        return _poisson_s(batches.rate_per_s, until_s, stream)
    edges_s, load = _cumulated_load(batches.modulation, until_s, draws.stream("modulation"))
    load = load * batches.rate_per_s
    starts: Reals = np.interp(_unit_poisson(float(load[-1]), stream), load, edges_s)
    return starts


def _cumulated_load(modulation: "Modulation", until_s: float, stream: np.random.Generator) -> tuple[Reals, Reals]:
    """The edges of the intervals, and at each the integral of the factor from 0 s."""
    intervals = max(1, int(np.ceil(until_s / modulation.interval_s)))
    edges_s = np.minimum(np.arange(intervals + 1) * modulation.interval_s, until_s)
    factors = _factors(modulation, stream.standard_normal(intervals))
    return edges_s, np.concatenate(([0.0], np.cumsum(factors * np.diff(edges_s))))


def _factors(modulation: "Modulation", normals: Reals) -> Reals:
    """One factor an interval: lognormal with mean 1, autoregressive (the formula is in sim/scenario/workload.py)."""
    correlation = modulation.correlation
    z = normals.copy()
    for k in range(1, len(z)):
        z[k] = correlation * z[k - 1] + np.sqrt(1 - correlation**2) * normals[k]
    variance = np.log1p(modulation.cv**2)
    factors: Reals = np.exp(np.sqrt(variance) * z - variance / 2)
    return factors


def _traced(trace: "Trace", until_s: float, tenants: int) -> Arrivals:
    at_s = np.array([arrival.at_s for arrival in trace.arrivals])
    owners = [DRAWN_TENANT if one.tenant is None else one.tenant % tenants for one in trace.arrivals]
    return _before(_micros(at_s), np.array(owners, dtype=np.int64), until_s)


def _scripted(script: Sequence["ScriptedOperation"]) -> Arrivals:
    """Plain lists: tiny runs are made by the thousand, and numpy takes its time for them."""
    items = sorted(script, key=lambda item: item.at_s)
    return Arrivals(
        [round(item.at_s * 1e6) for item in items],
        [DRAWN_TENANT if item.tenant is None else item.tenant for item in items],
        [item.number for item in items],
    )
