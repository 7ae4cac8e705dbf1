"""The measured capacity of a strategy: operations a second when every worker always has one.

Clients without pause, one more than there are workers in each process, keep all of them busy; what is answered a second
is what the system can do with this mix. Follow-ups come at once then, so that clients are never idle.
"""

from sim.experiment.jobs import Job, Runner, perform
from sim.scenario import Operation, Scenario, parse_scenario, resolved

_SPARE = 1  # clients beyond the workers, a process: assumption; enough that no worker waits for its next request


def measured_capacity(scenario: Scenario, strategy: str, measure: Runner, *, seed: int) -> float:
    """Arrivals a second that the strategy can serve, follow-ups apart. ValueError when the run gives none."""
    job = Job(
        scenario=saturated(scenario), strategy=strategy, label=strategy, seed=seed, replication=0, draw=0,
    )  # fmt: skip
    values = perform(job, measure, lambda virtual_us, operations: None).values
    throughput = values.values.get("throughput_per_s.all.mean")
    if not throughput:
        reason = values.reasons.get("throughput_per_s.all.mean", "no operation was answered")
        raise ValueError(f"the capacity of {strategy} cannot be measured: {reason}")
    capacity: float = throughput / operations_per_arrival(scenario)
    return capacity


def saturated(scenario: Scenario) -> Scenario:
    """The scenario with clients that never pause."""
    data = resolved(scenario)
    clients = scenario.api.processes * (scenario.api.threads + _SPARE)
    data["workload"]["arrivals"] = {"closed": {"clients": clients, "think_time_s": {"constant": {"value_s": 0.0}}}}
    for entry in data["workload"]["operations"]:
        for follow_up in entry.get("then", ()):
            follow_up["after_s"] = {"constant": {"value_s": 0.0}}
    return parse_scenario(data, name=scenario.source or scenario.name)


def operations_per_arrival(scenario: Scenario) -> float:
    """Operations that an arrival sets off, follow-ups included, on average."""
    entries = scenario.workload.operations
    weight = sum(entry.weight for entry in entries)
    total: float = sum(entry.weight * _size(entry) for entry in entries)
    return total / weight


def _size(entry: Operation) -> int:
    return 1 + sum(follow_up.count for follow_up in entry.then)
