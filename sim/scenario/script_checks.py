"""Checks of a script: ports and hosts that do not exist, numbers that two operations have, times after the end.

One of the checks of sim/scenario/checks.py. An operation may come before the one that creates its port: it meets none.
"""

from collections.abc import Iterator, Sequence

from sim.scenario.document import Scenario
from sim.scenario.problems import Path
from sim.scenario.script import ScriptedOperation

_Script = Sequence[ScriptedOperation]
_Finding = tuple[str, int, str]  # the key, the item, the sentence


def script_problems(scenario: Scenario) -> Iterator[tuple[Path, str]]:
    """Everything in the script that the scenario has no room for: the place and a sentence about it."""
    script = scenario.workload.arrivals.script or ()
    for key, place, sentence in (*_shared_numbers(script), *_unknown_ports(script), *_beyond(scenario, script)):
        yield ("workload", "arrivals", "script", place, key), sentence


def _shared_numbers(script: _Script) -> Iterator[_Finding]:
    seen: dict[int, int] = {}
    for place, item in enumerate(script):
        if item.number in seen:
            yield "number", place, f"is {item.number}, which script.{seen[item.number]} has already"
        seen.setdefault(item.number, place)


def _unknown_ports(script: _Script) -> Iterator[_Finding]:
    creates = {item.number for item in script if item.operation == "create_port"}
    for place, item in enumerate(script):
        if item.port_of is not None and item.port_of not in creates:
            yield "port_of", place, f"is {item.port_of}: no operation with this number creates a port"


def _beyond(scenario: Scenario, script: _Script) -> Iterator[_Finding]:
    limits = {
        "port": (scenario.workload.ports.initial, "workload.ports.initial"),
        "host": (scenario.topology.hosts, "topology.hosts"),
        "tenant": (scenario.topology.tenants, "topology.tenants"),
        "at_s": (scenario.horizon.duration_s, "horizon.duration_s"),
    }
    for place, item in enumerate(script):
        for key, (limit, name) in limits.items():
            value = getattr(item, key)
            if value is not None and value >= limit:
                yield key, place, f"is {value:g}, not below {name} ({limit:g})"
