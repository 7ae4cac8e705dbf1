"""What is too large to be simulated: told in a sentence before a run fills the memory.

One of the checks of sim/scenario/checks.py. It looks at what a file says and draws nothing. The limits are assumptions,
far above what a network controller meets.
"""

from collections.abc import Iterator

from sim.scenario.document import Scenario
from sim.scenario.problems import Path
from sim.scenario.workload import Arrivals

MOST_ARRIVALS = 10_000_000  # in a run
MOST_WORKERS = 100_000  # api.processes times api.threads; each is a greenlet
MOST_THINGS = 1_000_000  # tenants, subnets, hosts, ports at the start, each


def too_large(scenario: Scenario) -> Iterator[tuple[Path, str]]:
    """The sizes above a limit: the place and a sentence about it."""
    for path, what, size, most in _sizes(scenario):
        if size > most:
            yield path, f"means {size:,.0f} {what}; at most {most:,} can be simulated"


def _sizes(scenario: Scenario) -> Iterator[tuple[Path, str, float, int]]:
    topology, api = scenario.topology, scenario.api
    yield ("topology", "tenants"), "tenants", topology.tenants, MOST_THINGS
    subnets = topology.tenants * topology.subnets_per_tenant
    yield ("topology", "subnets_per_tenant"), "subnets", subnets, MOST_THINGS
    yield ("topology", "networks"), "networks", topology.networks, MOST_THINGS
    yield ("topology", "hosts"), "hosts", topology.hosts, MOST_THINGS
    yield ("api", "processes"), "workers (times api.threads)", api.processes * api.threads, MOST_WORKERS
    yield ("workload", "ports", "initial"), "ports", scenario.workload.ports.initial, MOST_THINGS
    arrivals = _arrivals(scenario.workload.arrivals, scenario.horizon.duration_s)
    yield ("workload", "arrivals"), "arrivals", arrivals, MOST_ARRIVALS


def _arrivals(arrivals: Arrivals, duration_s: float) -> float:
    """How many are expected; of a closed load the clients alone, a trace has as many as its file."""
    if arrivals.poisson is not None:
        return arrivals.poisson.rate_per_s * duration_s
    if arrivals.constant is not None:
        return arrivals.constant.rate_per_s * duration_s
    if arrivals.batches is not None:
        return arrivals.batches.rate_per_s * duration_s * arrivals.batches.size.mean
    if arrivals.storm is not None:
        return arrivals.storm.count
    return 0 if arrivals.closed is None else arrivals.closed.clients
