"""Simpler settings for a case: one change each, the simplest value that a setting can have. Used by the shrinker.

Every candidate has less to read or a rounder number than what it is made from, so that shrinking comes to an end. The
data may be as drawn or as sim.scenario.resolved gives it, where what is left open is None.
"""

import copy
from collections.abc import Iterator
from typing import Any

from sim.soak.case import Data

Path = tuple[str | int, ...]

_WHOLE_PARTS: tuple[Path, ...] = (
    ("workload", "client"), ("database", "pool"), ("database", "lock_wait_timeout_s"), ("database", "conflict_retries"),
    ("database", "commit_slots"), ("database", "execution_s"), ("database", "profile"),
    ("api", "kind"), ("api", "db_driver"),
    ("horizon", "ties"), ("horizon", "drain_limit_s"), ("horizon", "max_virtual_time_s"),
    ("topology", "ip_allocation"), ("topology", "subnets_per_tenant"), ("workload", "ports", "with_host"),
    ("workload", "ports", "bound"),
)  # fmt: skip
"""Settings whose default is simpler than any value: left out."""

_SIMPLEST: tuple[tuple[Path, Any], ...] = (
    (("horizon", "ties"), "scheduled"),
    (("api", "threads"), 1), (("api", "processes"), 1), (("api", "threads"), 2), (("api", "processes"), 2),
    (("api", "cpu_s"), 0.0), (("api", "cpu_s_per_statement"), 0.0),
    (("database", "round_trip_s"), 0.0), (("database", "execution_s"), 0.0), (("database", "commit_s"), 0.0),
    (("database", "round_trip_s"), 0.001), (("database", "commit_s"), 0.001),
    (("topology", "ip_allocation"), False), (("topology", "hosts"), 1), (("topology", "hosts"), 2),
)  # fmt: skip
"""Settings that are given even where they are simplest, because their default is not."""

_OF_DRIVERS = ("latency", "error_probability")
_OF_CONTROLLERS = ("error_probability", "hosts", "ordering", "concurrency", "timeout_s")
_OF_STRATEGIES = ("max_attempts", "process_lock", "lease_poll_s", "lease_s")
_MIDDLES = ("value_s", "median_s", "mean_s")  # of the distributions that have one
_SHORTEST_S = 0.1  # of a load that is cut in halves
_KEPT_IN_FAULTS = ("point", "when", "name", "probability", "at_s", "process", "operation", "nth", "host", "down")


def simpler(data: Data) -> Iterator[Data]:
    """Every simpler form of the data, one change each."""
    yield from _less_drawn_load(data)
    for path in _WHOLE_PARTS:
        if _holds(data, path):
            yield _without(data, path)
    for path, value in _SIMPLEST:
        if _holds(data, path) and _is_simpler(value, _get(data, path)):
            yield _with(data, path, value)
    yield from _fewer_ports(data)
    yield from _plainer(data, "drivers", _OF_DRIVERS)
    yield from _plainer(data, "controllers", _OF_CONTROLLERS)
    yield from _plainer(data, "strategies", _OF_STRATEGIES)
    yield from _surer_errors(data)
    yield from _plainer_latencies(data)
    yield from _plainer_faults(data)
    yield from _plainer_operations(data)
    yield from _rounder(data)


def _is_simpler(value: Any, held: Any) -> bool:
    if isinstance(value, (str, bool)):
        return bool(value != held)
    return isinstance(held, dict) or (isinstance(held, (int, float)) and value < held)


def _holds(data: Data, path: Path) -> bool:
    held: Any = data
    for step in path:
        if not isinstance(held, dict) or step not in held:
            return False
        held = held[step]
    return True


def _get(data: Data, path: Path) -> Any:
    held: Any = data
    for step in path:
        held = held[step]
    return held


def _with(data: Data, path: Path, value: Any) -> Data:
    changed = copy.deepcopy(data)
    _get(changed, path[:-1])[path[-1]] = value
    return changed


def _without(data: Data, path: Path) -> Data:
    changed = copy.deepcopy(data)
    del _get(changed, path[:-1])[path[-1]]
    return changed


def _fewer_ports(data: Data) -> Iterator[Data]:
    """Fewer initial ports, the operations of those that are gone with the last one instead."""
    initial = data["workload"].get("ports", {}).get("initial", 0)
    for count in sorted({0, initial // 2, initial - 1} if initial else ()):
        fewer = _with(data, ("workload", "ports", "initial"), count)
        for item in fewer["workload"]["arrivals"].get("script") or []:
            if (item.get("port") or 0) >= count > 0:
                item["port"] = count - 1
        yield fewer


def _plainer(data: Data, key: str, settings: tuple[str, ...]) -> Iterator[Data]:
    """Items of a list without one of these settings."""
    for place, item in enumerate(data.get(key, ())):
        for setting in settings:
            if setting in item:
                yield _without(data, (key, place, setting))


def _surer_errors(data: Data) -> Iterator[Data]:
    """Drivers and controllers that fail always instead of sometimes."""
    for place, driver in enumerate(data.get("drivers", ())):
        for method, probability in driver.get("error_probability", {}).items():
            if probability < 1.0:
                yield _with(data, ("drivers", place, "error_probability", method), 1.0)
    for place, controller in enumerate(data.get("controllers", ())):
        if 0.0 < controller.get("error_probability", 0.0) < 1.0:
            yield _with(data, ("controllers", place, "error_probability"), 1.0)


def _plainer_latencies(data: Data) -> Iterator[Data]:
    """Controllers that take no time for a kind of call, or always the same."""
    for place, controller in enumerate(data.get("controllers", ())):
        for kind, latency in controller["latency"].items():
            path = ("controllers", place, "latency", kind)
            if isinstance(latency, dict):
                yield from (_with(data, path, value) for value in _middle(latency))
            elif latency and kind != "bind":
                yield _without(data, path)
            if latency:
                yield _with(data, path, 0)


def _middle(latency: Data) -> Iterator[float]:
    """A number that can stand for a distribution."""
    for settings in latency.values():
        for name in _MIDDLES:
            if isinstance(settings, dict) and name in settings:
                yield settings[name]


def _plainer_faults(data: Data) -> Iterator[Data]:
    """Faults without what is not needed to say which they are."""
    for place, fault in enumerate(data.get("faults", ())):
        for kind, settings in fault.items():
            for setting in settings:
                if setting not in _KEPT_IN_FAULTS:
                    yield _without(data, ("faults", place, kind, setting))
            if (settings.get("probability") or 1.0) < 1.0:
                yield _with(data, ("faults", place, kind, "probability"), 1.0)


def _plainer_operations(data: Data) -> Iterator[Data]:
    """Operations without what may be left open."""
    for place, item in enumerate(data["workload"]["arrivals"].get("script") or []):
        path: Path = ("workload", "arrivals", "script", place)
        if item["operation"] == "get_ports" and item.get("filter") != "none":
            plain = {key: value for key, value in item.items() if key != "host"}
            yield _with(data, path, {**plain, "filter": "none"})
        if (item.get("host") or 0) > 0:
            yield _with(data, (*path, "host"), 0)


def _rounder(data: Data) -> Iterator[Data]:
    """Rounder instants, and an earlier end of the load."""
    script = data["workload"]["arrivals"].get("script") or []
    for place, item in enumerate(script):
        at_s = item["at_s"]
        for digits in (0, 1, 2, 3):
            if round(at_s, digits) != at_s:
                yield _with(data, ("workload", "arrivals", "script", place, "at_s"), round(at_s, digits))
    last = max((item["at_s"] for item in script), default=0.0)
    end_s = float(int(last) + 1)
    if script and end_s < data["horizon"]["duration_s"]:
        yield _with(data, ("horizon", "duration_s"), end_s)


def _less_drawn_load(data: Data) -> Iterator[Data]:
    """Of a load that is drawn, not scripted: half of its time, and a kind of operation less."""
    if data["workload"]["arrivals"].get("script") is not None:
        return
    half_s = round(data["horizon"]["duration_s"] / 2, 3)
    if half_s >= _SHORTEST_S:
        yield _with(data, ("horizon", "duration_s"), half_s)
    operations = data["workload"].get("operations", ())
    for place in range(len(operations) if len(operations) > 1 else 0):
        yield _without(data, ("workload", "operations", place))
