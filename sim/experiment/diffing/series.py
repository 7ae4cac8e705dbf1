"""The values of a saved result, replication by replication. Used by the other modules of sim.experiment.diffing."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from math import nan
from typing import Any

from sim.metrics.registry import lookup
from sim.results import LoadedRun, ResultError

Values = tuple[float | None, ...]
"""One a replication; None where a run that ended badly has no value, NaN where one that ended well observed nothing."""
VERBS = ("run", "compare", "sweep")


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """What a series is about. `point` is where in a sweep, as JSON; empty in other results."""

    point: str
    strategy: str
    metric: str


def series_of(result: LoadedRun) -> dict[Key, Values]:
    """Every series, in the result's order. ResultError for a result of another kind."""
    verb = result.manifest["run"]["verb"]
    if verb not in VERBS:
        raise ResultError(f"{result.folder} is a result of {verb}; diff compares results of {', '.join(VERBS)}")
    return {key: values for part in _parts(result.details) for key, values in _series(*part)}


def _parts(details: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each point with its strategies; a point that failed has none."""
    if "points" not in details:
        yield "", details["strategies"]
    for point in details.get("points", ()):
        yield json.dumps(point["settings"], sort_keys=True), point.get("strategies", {})


def _series(point: str, strategies: dict[str, Any]) -> Iterator[tuple[Key, Values]]:
    for strategy, held in strategies.items():
        count = len(next(iter(held["values"].values()), ()))
        well = _ended_well(held, count)
        for metric, values in held["values"].items():
            known = [nan if value is None and ok else value for value, ok in zip(values, well, strict=True)]
            yield Key(point, strategy, metric), tuple(known)


def _ended_well(held: dict[str, Any], count: int) -> list[bool]:
    """Which runs did. A sweep says only how many: unless all did, none is taken to have."""
    if "runs" in held:
        return [run["outcome"] == "ok" for run in held["runs"]]
    return [held["ended"] == {"ok": count}] * count


def matched(one: dict[Key, Values], other: dict[Key, Values]) -> dict[Key, tuple[Values, Values]]:
    """The series that both have. A count that only one of them ever saw is 0 in the other."""
    lengths = [{(key.point, key.strategy): len(values) for key, values in each.items()} for each in (one, other)]
    found = dict[Key, tuple[Values, Values]]()
    for key in dict.fromkeys((*one, *other)):
        place = (key.point, key.strategy)
        if place not in lengths[0] or place not in lengths[1]:
            continue
        pair = [each.get(key, _absent(key, count[place])) for each, count in zip((one, other), lengths, strict=True)]
        if pair[0] and pair[1]:
            found[key] = (pair[0], pair[1])
    return found


def _absent(key: Key, count: int) -> Values:
    return (0.0,) * count if lookup(key.metric).family.is_count else ()
