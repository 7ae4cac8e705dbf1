"""Checks that span several parts of a scenario: names that must exist, settings that must fit each other.

The loader calls `contradictions` on a scenario whose parts are valid by themselves.
"""

from collections.abc import Callable, Collection, Iterator, Sequence

from sim.scenario.document import Scenario
from sim.scenario.fault_checks import fault_problems
from sim.scenario.galera import cluster_problems
from sim.scenario.kinds import KINDS, WITHOUT_PORT
from sim.scenario.problems import Path, Problem
from sim.scenario.script_checks import script_problems
from sim.scenario.sizes import too_large
from sim.scenario.strategies import KNOWN
from sim.scenario.workload import Operation

Finding = tuple[Path, str]
MetricProblem = Callable[[str, Collection[str]], str | None]
"""What is wrong with a metric's name in a scenario that reports under these words; None when it exists."""


def contradictions(scenario: Scenario) -> list[Finding]:
    """Everything that does not fit together: the place and a sentence about it."""
    return [finding for check in _CHECKS for finding in check(scenario)]


def unknown_metrics(scenario: Scenario, metric_problem: MetricProblem) -> list[Finding]:
    """The metric names in the scenario that do not exist."""
    named: list[tuple[Path, str]] = [(("primary_metric",), scenario.primary_metric)]
    named += [(("thresholds", i), t.objectives[0].metric) for i, t in enumerate(scenario.thresholds)]
    named += [(("published", i, "metric"), p.metric) for i, p in enumerate(scenario.published)]
    words = reported(scenario)
    problems = [(path, metric_problem(name, words)) for path, name in named]
    return [(path, problem) for path, problem in problems if problem is not None]


def reported(scenario: Scenario) -> list[str]:
    """The words under which metrics report operations: the kinds of operations, and the classes of the scenario's."""
    workload = scenario.workload
    scripted = (item.label for item in workload.arrivals.script or ())
    return list(dict.fromkeys((*KINDS, *_labels(workload.operations), *scripted)))


def _labels(operations: Sequence[Operation]) -> Iterator[str]:
    for operation in operations:
        yield operation.label
        yield from _labels(operation.then)


def _names_are_different(scenario: Scenario) -> Iterator[Finding]:
    for key in ("strategies", "drivers", "controllers"):
        seen: dict[str, int] = {}
        for index, item in enumerate(getattr(scenario, key)):
            if item.name in seen:
                yield (key, index), f"has the name '{item.name}' that {key}.{seen[item.name]} has already"
            seen.setdefault(item.name, index)


def _builtin_names_keep_their_meaning(scenario: Scenario) -> Iterator[Finding]:
    for index, strategy in enumerate(scenario.strategies):
        if strategy.name in KNOWN and strategy.name != strategy.base:
            yield (
                ("strategies", index, "base"),
                f"is '{strategy.base}', but '{strategy.name}' is itself a built-in strategy",
            )


def _drivers_know_their_controllers(scenario: Scenario) -> Iterator[Finding]:
    known = [controller.name for controller in scenario.controllers]
    for index, driver in enumerate(scenario.drivers):
        if driver.controller is not None and driver.controller not in known:
            allowed = ", ".join(known) or "none, controllers is empty"
            yield (
                ("drivers", index, "controller"),
                f"is '{driver.controller}': no such controller; allowed: {allowed}",
            )


def _switches_continue_to_segments(scenario: Scenario) -> Iterator[Finding]:
    last = len(scenario.topology.segments) - 1
    allowed = f"allowed: 1 to {last}" if last else "topology.segments has to hold a second one"
    for index, driver in enumerate(scenario.drivers):
        if driver.continues_to is not None and not 1 <= driver.continues_to <= last:
            yield (
                ("drivers", index, "continues_to"),
                f"is {driver.continues_to}: not the place of a segment below the first; {allowed}",
            )


def _something_binds(scenario: Scenario) -> Iterator[Finding]:
    if all(driver.kind in ("logger", "switch") for driver in scenario.drivers):
        yield ("drivers",), "hold no driver that can bind; add one of kind controller, journal, agent or neutron"


def _hosts_exist(scenario: Scenario) -> Iterator[Finding]:
    for index, controller in enumerate(scenario.controllers):
        if controller.hosts != "all" and controller.hosts.first + controller.hosts.count > scenario.topology.hosts:
            last = scenario.topology.hosts - 1
            yield ("controllers", index, "hosts"), f"go beyond the last host, number {last} (topology.hosts)"


def _mix_is_wanted(scenario: Scenario) -> Iterator[Finding]:
    operations, is_script = scenario.workload.operations, scenario.workload.arrivals.script is not None
    if not operations and not is_script:
        yield ("workload", "operations"), "are missing: the mix that each arrival draws one entry of, by weight"
    if operations and is_script:
        yield (
            ("workload", "operations"),
            "are given as well as arrivals.script, which lists every operation; use one of them",
        )


def _weights_are_positive(scenario: Scenario) -> Iterator[Finding]:
    operations = scenario.workload.operations
    if operations and not sum(entry.weight for entry in operations):
        yield ("workload", "operations"), "have weights that are all 0; at least one must be above 0"


def _targets_exist(scenario: Scenario) -> Iterator[Finding]:
    load = scenario.workload
    creates = any(entry.operation == "create_port" and entry.weight for entry in load.operations)
    for index, entry in enumerate(load.operations):
        needs_port = entry.operation not in ("create_port", *WITHOUT_PORT) and entry.weight
        if needs_port and not load.ports.initial and not creates:
            yield (
                ("workload", "operations", index, "operation"),
                f"is '{entry.operation}', but no port ever exists; set ports.initial or add create_port",
            )


def _hot_ports_exist(scenario: Scenario) -> Iterator[Finding]:
    ports = scenario.workload.ports
    if ports.hot is None:
        return
    if ports.hot.count > ports.initial:
        yield (
            ("workload", "ports", "hot", "count"),
            f"is {ports.hot.count}, above ports.initial ({ports.initial})",
        )
    if ports.zipf_s:
        yield ("workload", "ports", "zipf_s"), "is given as well as hot; use one of them"


def _times_fit(scenario: Scenario) -> Iterator[Finding]:
    horizon, arrivals = scenario.horizon, scenario.workload.arrivals
    if horizon.max_virtual_time_s < horizon.duration_s + horizon.drain_limit_s:
        yield (
            ("horizon", "max_virtual_time_s"),
            f"is {horizon.max_virtual_time_s:g}, below duration_s + drain_limit_s "
            f"({horizon.duration_s + horizon.drain_limit_s:g})",
        )
    if arrivals.storm is not None and arrivals.storm.at_s >= horizon.duration_s:
        yield (
            ("workload", "arrivals", "storm", "at_s"),
            f"is {arrivals.storm.at_s:g}, not before horizon.duration_s ({horizon.duration_s:g})",
        )


def _steady_loads_go_on(scenario: Scenario) -> Iterator[Finding]:
    arrivals = scenario.workload.arrivals
    for name in ("storm", "script"):
        if scenario.horizon.kind == "steady_state" and getattr(arrivals, name) is not None:
            yield (
                ("horizon", "kind"),
                f"is 'steady_state', but arrivals.{name} is over before a steady state could begin; use terminating",
            )


def _thresholds_name_strategies(scenario: Scenario) -> Iterator[Finding]:
    known = {strategy.name for strategy in scenario.strategies} | set(KNOWN)
    allowed = ", ".join(sorted(known))
    for index, threshold in enumerate(scenario.thresholds):
        for name in threshold.strategies:
            if name not in known:
                yield (
                    ("thresholds", index, "strategies"),
                    f"name '{name}': no such strategy; allowed: {allowed}",
                )
    for index, published in enumerate(scenario.published):
        if published.strategy is not None and published.strategy not in known:
            yield (
                ("published", index, "strategy"),
                f"is '{published.strategy}': no such strategy; allowed: {allowed}",
            )


def _networks_have_tenants(scenario: Scenario) -> Iterator[Finding]:
    topology = scenario.topology
    if topology.subnets_per_tenant and topology.networks > topology.tenants:
        yield (
            ("topology", "networks"),
            f"is {topology.networks}, above tenants ({topology.tenants}); some networks would have no subnet",
        )


_CHECKS: tuple[Callable[[Scenario], Iterator[Finding]], ...] = (
    _names_are_different,
    _builtin_names_keep_their_meaning,
    _drivers_know_their_controllers,
    _switches_continue_to_segments,
    _something_binds,
    _hosts_exist,
    _mix_is_wanted,
    _weights_are_positive,
    _targets_exist,
    _hot_ports_exist,
    _times_fit,
    _steady_loads_go_on,
    _thresholds_name_strategies,
    _networks_have_tenants,
    script_problems,
    fault_problems,
    cluster_problems,
    too_large,
)


def unsupported_virtually(scenario: Scenario) -> list[Problem]:
    """What a scenario asks for that the simulator does not have."""
    level = scenario.database.isolation
    if level in (None, "read_committed"):
        return []
    told = f"is {level}, but the modelled database is read_committed; run it with --engine wall"
    return [Problem(scenario.source or scenario.name, ("database", "isolation"), told)]
