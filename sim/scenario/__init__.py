"""Scenario files: loading, checking, and the resolved form. The only door to this package.

    scenario = load_scenario("boot_storm", overrides=["horizon.duration_s=30"])

It never runs anything and imports no numerical library.
"""

from sim.scenario.asked import asked_objectives
from sim.scenario.base import Choice, Part, parts_of
from sim.scenario.checks import unknown_metrics, unsupported_virtually
from sim.scenario.controllers import CallLatencies, Controller, Degraded, Driver, HostRange
from sim.scenario.counts import CountDist
from sim.scenario.document import Horizon, MinEffect, Published, Scenario, Threshold
from sim.scenario.faults import (
    AgentFault,
    ConnectionFault,
    ControllerFault,
    Crash,
    CrashPoint,
    DeadlockFault,
    FailOver,
    Fault,
    Impatience,
    Visited,
)
from sim.scenario.galera import Galera
from sim.scenario.loader import find, load_scenario, parse_scenario, shipped_names, with_overrides
from sim.scenario.machines import Api, DatabaseServer, Pool
from sim.scenario.objectives import Objective, ObjectiveError, parse_objective
from sim.scenario.overrides import as_text
from sim.scenario.problems import Problem, ScenarioError
from sim.scenario.quantities import Dist
from sim.scenario.resolution import resolved, resolved_json, resolved_yaml, scenario_hash
from sim.scenario.scaling import SCALING_PATHS, is_whole, load_of, scaled, scaling_paths, unit_of
from sim.scenario.script import ScriptedOperation
from sim.scenario.strategies import BASES, ERAS, KNOWN, Strategy, builtin
from sim.scenario.topology import Segment, Topology
from sim.scenario.trace import TraceArrival
from sim.scenario.workload import (
    Arrivals,
    Batches,
    Client,
    Closed,
    FollowUp,
    Hosts,
    HotPorts,
    Modulation,
    Operation,
    Ports,
    Since,
    Workload,
)

__all__ = [
    "BASES",
    "ERAS",
    "KNOWN",
    "SCALING_PATHS",
    "AgentFault",
    "Api",
    "Arrivals",
    "Batches",
    "CallLatencies",
    "Choice",
    "Client",
    "Closed",
    "ConnectionFault",
    "Controller",
    "ControllerFault",
    "CountDist",
    "Crash",
    "CrashPoint",
    "DatabaseServer",
    "DeadlockFault",
    "Degraded",
    "Dist",
    "Driver",
    "FailOver",
    "Fault",
    "FollowUp",
    "Galera",
    "Horizon",
    "HostRange",
    "Hosts",
    "HotPorts",
    "Impatience",
    "MinEffect",
    "Modulation",
    "Objective",
    "ObjectiveError",
    "Operation",
    "Part",
    "Pool",
    "Ports",
    "Problem",
    "Published",
    "Scenario",
    "ScenarioError",
    "ScriptedOperation",
    "Segment",
    "Since",
    "Strategy",
    "Threshold",
    "Topology",
    "TraceArrival",
    "Visited",
    "Workload",
    "as_text",
    "asked_objectives",
    "builtin",
    "find",
    "is_whole",
    "load_of",
    "load_scenario",
    "parse_objective",
    "parse_scenario",
    "parts_of",
    "resolved",
    "resolved_json",
    "resolved_yaml",
    "scaled",
    "scaling_paths",
    "scenario_hash",
    "shipped_names",
    "unit_of",
    "unknown_metrics",
    "unsupported_virtually",
    "with_overrides",
]
