"""How much load a scenario has, and the same scenario with another load: what a planner scales and a sweep varies.

Four paths that no scenario file has name the load of each kind of arrivals by one number:

- `workload.rate_per_s`: operations that arrive a second (poisson, constant; of batches the batches times their mean
  size). Follow-ups are not counted.
- `workload.time_scale`: how many times as fast as it was recorded a trace is played (1: as recorded). It is the inverse
  of `trace.time_scale`, which multiplies the instants. The horizon is scaled too, so that the same arrivals are played.
- `workload.clients`: the clients of a closed load, a whole number.
- `workload.batch_scale`: how many times as large as the scenario has it a storm is, or every batch (1: as it is). Sizes
  are whole and at least 1.

Within one replication (same seed, same number) arrivals are the same ones at another pace: those of a lower rate are
the first ones of a higher rate, drawn once at rate 1 and divided by the rate, and every draw inside an operation is
keyed by its place. With `batch_scale` the batches come at the same times, but their operations have other places.

Sweeps and plans call it. It runs nothing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Any

from sim.scenario.counts import CountDist
from sim.scenario.document import Scenario
from sim.scenario.loader import with_overrides
from sim.scenario.overrides import as_text
from sim.scenario.problems import Problem, ScenarioError, shown
from sim.scenario.workload import Arrivals

RATE, TIME_SCALE, CLIENTS, BATCH_SCALE = (
    "workload.rate_per_s", "workload.time_scale", "workload.clients", "workload.batch_scale",
)  # fmt: skip

_UNITS = {RATE: "operations/s", TIME_SCALE: "times as fast as recorded", CLIENTS: "clients", BATCH_SCALE: "times"}
_FITTING = {  # kind of arrivals: the paths that fit it, the usual one first
    "poisson": (RATE,),
    "constant": (RATE,),
    "batches": (RATE, BATCH_SCALE),
    "trace": (TIME_SCALE,),
    "storm": (BATCH_SCALE,),
    "closed": (CLIENTS,),
    "script": (),
}
SCALING_PATHS = tuple(_UNITS)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scaling:
    """One kind of load: its number in a scenario, and the overrides that give it another."""

    load: Callable[[Scenario], float]
    overrides: Callable[[Scenario, float], Iterator[str]]


def scaling_paths(scenario: Scenario) -> tuple[str, ...]:
    """The paths that fit the scenario's arrivals, the usual one first; none for a script."""
    return _FITTING[scenario.workload.arrivals.kind]


def is_whole(path: str) -> bool:
    """Whether the load that the path names is a whole number."""
    return path == CLIENTS


def unit_of(path: str) -> str:
    """What the load that the path names is counted in, in words."""
    return _UNITS[path]


def load_of(scenario: Scenario, path: str) -> float:
    """The scenario's load. Raises ScenarioError when the path does not fit its arrivals."""
    return _scaling(scenario, path).load(scenario)


def scaled(scenario: Scenario, path: str, value: float) -> Scenario:
    """A checked copy whose load is `value`. Raises ScenarioError, also for a value that means nothing."""
    scaling = _scaling(scenario, path)
    if not _is_positive(value):
        raise _refused(path, f"is {shown(value)}; it must be a number above 0")
    if is_whole(path) and value != int(value):
        raise _refused(path, f"is {shown(value)}; it must be a whole number from 1")
    return with_overrides(scenario, scaling.overrides(scenario, float(value)))


def _is_positive(value: Any) -> bool:
    """Whether what somebody has written is a number above 0."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value) and value > 0


def _scaling(scenario: Scenario, path: str) -> _Scaling:
    if path not in SCALING_PATHS:
        raise _refused(path, f"names no load; allowed: {', '.join(SCALING_PATHS)}")
    fitting = scaling_paths(scenario)
    if path not in fitting:
        what = f"what fits: {', '.join(fitting)}" if fitting else "nothing fits: every operation has its own instant"
        kind = scenario.workload.arrivals.kind
        raise _refused(path, f"does not fit the arrivals of {scenario.name}, which are '{kind}'; {what}")
    return _SCALINGS[path]


def _refused(path: str, sentence: str) -> ScenarioError:
    return ScenarioError([Problem(path, (), sentence)])


def _rate(scenario: Scenario) -> float:
    arrivals = scenario.workload.arrivals
    rate_per_s: float = arrivals.chosen.rate_per_s
    return rate_per_s * _mean_size(arrivals)


def _mean_size(arrivals: Arrivals) -> float:
    return 1.0 if arrivals.batches is None else arrivals.batches.size.mean


def _with_rate(scenario: Scenario, value: float) -> Iterator[str]:
    arrivals = scenario.workload.arrivals
    yield as_text(f"workload.arrivals.{arrivals.kind}.rate_per_s", value / _mean_size(arrivals))


def _time_scale(scenario: Scenario) -> float:
    time_scale: float = scenario.workload.arrivals.chosen.time_scale
    return 1 / time_scale


def _with_time_scale(scenario: Scenario, value: float) -> Iterator[str]:
    """The horizon ends after the same arrival; what comes after it has as long as before."""
    horizon = scenario.horizon
    duration_s = horizon.duration_s * _time_scale(scenario) / value
    yield as_text("workload.arrivals.trace.time_scale", 1 / value)
    yield as_text("horizon.duration_s", duration_s)
    yield as_text("horizon.max_virtual_time_s", max(horizon.max_virtual_time_s, duration_s + horizon.drain_limit_s))


def _clients(scenario: Scenario) -> float:
    return float(scenario.workload.arrivals.chosen.clients)


def _with_clients(scenario: Scenario, value: float) -> Iterator[str]:
    yield as_text("workload.arrivals.closed.clients", int(value))


def _with_batch_scale(scenario: Scenario, value: float) -> Iterator[str]:
    arrivals = scenario.workload.arrivals
    if arrivals.storm is not None:
        yield as_text("workload.arrivals.storm.count", _scaled_count(arrivals.storm.count, value))
    elif arrivals.batches is not None:
        yield as_text("workload.arrivals.batches.size", _scaled_sizes(arrivals.batches.size, value))


def _scaled_count(count: int, factor: float) -> int:
    return max(1, round(count * factor))


def _scaled_sizes(size: CountDist, factor: float) -> dict[str, Any]:
    if size.constant is not None:
        return {"constant": {"value": _scaled_count(size.constant.value, factor)}}
    if size.geometric is not None:
        return {"geometric": {"mean": max(1.0, size.geometric.mean * factor)}}
    if size.empirical is not None:
        return {"empirical": _scaled_empirical(size.empirical.counts, size.empirical.weights, factor)}
    raise _refused(
        BATCH_SCALE,
        "does not fit batches whose size is 'pareto', whose shape changes with its scale; "
        "allowed: constant, geometric, empirical",
    )


def _scaled_empirical(counts: tuple[int, ...], weights: tuple[float, ...], factor: float) -> dict[str, Any]:
    """Counts that become the same one share its weight."""
    merged: dict[int, float] = {}
    for count, weight in zip(counts, weights, strict=True):
        larger = _scaled_count(count, factor)
        merged[larger] = merged.get(larger, 0.0) + weight
    return {"counts": list(merged), "weights": list(merged.values())}


_SCALINGS = {
    RATE: _Scaling(load=_rate, overrides=_with_rate),
    TIME_SCALE: _Scaling(load=_time_scale, overrides=_with_time_scale),
    CLIENTS: _Scaling(load=_clients, overrides=_with_clients),
    BATCH_SCALE: _Scaling(load=lambda _: 1.0, overrides=_with_batch_scale),
}
