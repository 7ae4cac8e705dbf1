"""A scenario with its modelled times shortened: `--time-scale 0.1` makes ten seconds of load one.

Everything that is modelled shrinks alike: arrival gaps, pauses, latencies, time-outs, faults, the horizon. What is real
does not: the database, the core's own back-off, leases, the pool's time-out.
"""

from typing import Any

from sim.scenario import Scenario, parse_scenario, resolved

_SCALED = ("horizon", "workload", "agents", "drivers", "controllers", "faults")


def scaled_in_time(scenario: Scenario, factor: float) -> Scenario:
    """The scenario with every modelled time multiplied by `factor`, and every rate divided by it."""
    if factor == 1:
        return scenario
    data = resolved(scenario)
    for key in set(_SCALED) & set(data):
        data[key] = _scaled(data[key], factor)
    return parse_scenario(data, name=scenario.source or scenario.name)


def _scaled(value: Any, factor: float) -> Any:
    if isinstance(value, dict):
        return {key: _scaled_entry(key, held, factor) for key, held in value.items()}
    if isinstance(value, list):
        return [_scaled(item, factor) for item in value]
    return value


def _scaled_entry(key: str, value: Any, factor: float) -> Any:
    if key.endswith("_per_s"):
        return _times(value, 1 / factor)
    if key == "time_scale" or (key.endswith("_s") and key != "zipf_s"):
        return _times(value, factor)
    return _scaled(value, factor)


def _times(value: Any, factor: float) -> Any:
    """A number, a list of numbers, or a distribution."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value) * factor
    if isinstance(value, list):
        return [_times(item, factor) for item in value]
    return _scaled(value, factor)
