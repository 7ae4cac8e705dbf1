"""Keeps a sweep as a result folder, and names it. Called by sweeping and merging.

A shard also has outcomes.json, every replication's values: what `bindsim merge` makes the whole of.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sim.experiment.cache import outcome_data
from sim.experiment.sweeps.result import Sweep, SweptOver, SweptPoint
from sim.results import ResultWriter, RunIdentity, default_folder
from sim.results.code_version import code_version
from sim.scenario import resolved, scenario_hash

OUTCOMES = "outcomes.json"


def identity_of(over: SweptOver, replications: int) -> RunIdentity:
    """What names the result. With a precision every point has its own number of replications."""
    precision = over.precision
    experiment = {
        "vary": [axis.data() for axis in over.axes],
        "metric": over.metric,
        **({} if over.shard is None else {"shard": str(over.shard)}),
    }
    return RunIdentity(
        scenario=over.scenario.name, scenario_hash=scenario_hash(over.scenario), verb="sweep", seed=over.seed,
        replications=replications if precision is None else None, strategies=over.strategies,
        precision=None if precision is None else precision.data(), experiment=experiment,
    )  # fmt: skip


def folder_of(over: SweptOver, replications: int) -> Path:
    """Where the result goes when nobody says where; the shards of a sweep stand beside each other."""
    whole = default_folder(identity_of(replace(over, shard=None), replications))
    shard = over.shard
    return whole if shard is None else whole.with_name(f"{whole.name}.shard-{shard.number}-of-{shard.count}")


def keep_sweep(found: Sweep, writer: ResultWriter, *, command: str = "", origin: Sequence[str] = ()) -> Path:
    """Writes the sweep with a writer that is open."""
    if found.over.shard is not None:
        writer.add_text(OUTCOMES, json.dumps(_outcomes(found), separators=(",", ":"), ensure_ascii=True) + "\n")
    return writer.finish(
        summary=found.summary(), rows=found.summary_rows(), scenario=resolved(found.scenario), command=command,
        origin=origin,
    )  # fmt: skip


def _outcomes(found: Sweep) -> dict[str, Any]:
    return {
        "code": code_version(),
        "source": found.scenario.source or found.scenario.name,
        "points": [_point(point) for point in found.points],
    }


def _point(point: SweptPoint) -> dict[str, Any]:
    if point.failure is not None:
        return {"number": point.number, "failure": point.failure.data()}
    assert point.comparison is not None
    samples = point.comparison.samples
    outcomes = [outcome_data(outcome) for name in samples.strategies for outcome in samples.outcomes(name)]
    return {"number": point.number, "outcomes": outcomes}
