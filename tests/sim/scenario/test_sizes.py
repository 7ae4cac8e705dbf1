"""What is too large is refused before it runs."""

from typing import Any

import pytest

from sim.scenario import ScenarioError, parse_scenario


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("topology.hosts=1000001", "topology.hosts means 1,000,001 hosts; at most 1,000,000 can be simulated"),
        ("topology={networks: 1000001, subnets_per_tenant: 0}", "topology.networks means 1,000,001 networks"),
        ("topology={tenants: 1000001, subnets_per_tenant: 0}", "topology.tenants means 1,000,001 tenants"),
        ("topology={tenants: 2000, subnets_per_tenant: 1000}", "topology.subnets_per_tenant means 2,000,000 subnets"),
        ("api={processes: 100000, threads: 25}", "api.processes means 2,500,000 workers (times api.threads)"),
        ("workload.ports={initial: 1000001}", "workload.ports.initial means 1,000,001 ports"),
        ("workload.arrivals={poisson: {rate_per_s: 1.0e+12}}", "workload.arrivals means 10,000,000,000,000 arrivals"),
        ("workload.arrivals={constant: {rate_per_s: 1.0e+12}}", "workload.arrivals means 10,000,000,000,000 arrivals"),
        ("workload.arrivals={storm: {count: 10000001}}", "workload.arrivals means 10,000,001 arrivals"),
        ("workload.arrivals={closed: {clients: 10000001}}", "workload.arrivals means 10,000,001 arrivals"),
        ("workload.arrivals={batches: {rate_per_s: 1000000, size: 5}}", "workload.arrivals means 50,000,000 arrivals"),
    ],
)
def test_what_would_fill_the_memory_is_refused(data: dict[str, Any], override: str, said: str) -> None:
    with pytest.raises(ScenarioError) as error:
        parse_scenario(data, [override])
    assert said in str(error.value)


@pytest.mark.parametrize("override", ["topology.hosts=1000000", "workload.arrivals={storm: {count: 10000000}}"])
def test_the_limits_themselves_are_allowed(data: dict[str, Any], override: str) -> None:
    parse_scenario(data, [override])
