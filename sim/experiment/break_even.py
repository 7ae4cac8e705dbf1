"""The break-even map: from which remote latency, and with how many subnets, a strategy pays.

It runs boot_storm for five medians of the bind latency by one subnet for all tenants or one a tenant, and
gives in each cell the ratio of the second strategy's p95 of create_port latency to the first's. It is a
coarser look than a comparison, with fewer replications and a shorter load; its text says so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.experiment.intervals import Interval, ratio_interval
from sim.experiment.jobs import Runner, jobs_for, simulate
from sim.experiment.pool import run_jobs
from sim.experiment.progress import OnProgress
from sim.experiment.samples import Samples
from sim.experiment.verdict import NO_DIFFERENCE, SATURATED
from sim.results import ResultWriter, RunIdentity
from sim.scenario import Scenario, resolved, scenario_hash, with_overrides

if TYPE_CHECKING:
    import pandas as pd

MEDIANS_S = (0.05, 0.2, 0.5, 1.0, 2.0)  # the remote latency of a bind; assumption, see design section 5
SUBNETS = {"one subnet for all": 0, "one subnet a tenant": 1}  # topology.subnets_per_tenant
METRIC = "latency_s.create_port.p95"
REPLICATIONS = 5  # the least that has an interval
DURATION_S = 60.0  # of the load; shorter than the scenario's own, so that ten cells fit into half a minute


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell: the ratio with its interval, or which strategies were saturated in how many replications."""

    median_s: float
    subnets: str
    ratio: Interval | None
    saturated: dict[str, int]
    within_min_effect: bool
    note: str = ""

    @property
    def word(self) -> str:
        """'saturated', 'no difference', or empty where the ratio speaks."""
        if self.saturated:
            return SATURATED
        return NO_DIFFERENCE if self.within_min_effect else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakEvenMap:
    """All cells, row by row, and how they were made."""

    scenario: str
    first: str
    second: str
    cells: tuple[Cell, ...]
    replications: int
    duration_s: float
    seed: int

    def cell(self, median_s: float, subnets: str) -> Cell:
        """The cell of a row and a column; KeyError for one that is not in the map."""
        for cell in self.cells:
            if (cell.median_s, cell.subnets) == (median_s, subnets):
                return cell
        raise KeyError(f"no cell for {median_s} s and {subnets}")

    def rows(self) -> list[dict[str, Any]]:
        """One row a cell, for tables and files."""
        return [
            {
                "bind_median_s": cell.median_s,
                "subnets": cell.subnets,
                "ratio": cell.ratio.mean if cell.ratio else None,
                "ratio_low": cell.ratio.low if cell.ratio else None,
                "ratio_high": cell.ratio.high if cell.ratio else None,
                "word": cell.word,
                "saturated": cell.saturated,
                "note": cell.note,
            }
            for cell in self.cells
        ]

    def frame(self) -> "pd.DataFrame":
        """One row a cell."""
        import pandas as pd

        return pd.DataFrame(self.rows())

    def _repr_html_(self) -> str:
        from sim.experiment.in_notebooks import map_html

        return map_html(self)

    def summary(self) -> dict[str, Any]:
        """The contents of summary.json."""
        return {
            "scenario": self.scenario, "metric": METRIC, "first": self.first, "second": self.second,
            "replications": self.replications, "duration_s": self.duration_s, "seed": self.seed,
            "cells": self.rows(),
        }  # fmt: skip


def break_even_map(
    scenario: Scenario, *, seed: int = 1, replications: int = REPLICATIONS, duration_s: float = DURATION_S,
    workers: int | None = None, on_progress: OnProgress | None = None, runner: Runner = simulate,
) -> BreakEvenMap:  # fmt: skip
    """The map of `scenario` for its first two strategies. Runs cells x replications x 2."""
    first, second = (strategy.name for strategy in scenario.strategies[:2])
    duration_s = min(duration_s, scenario.horizon.duration_s)
    varied = [with_overrides(scenario, _cell_overrides(scenario, cell, duration_s)) for cell in _places()]
    jobs = [job for each in varied for job in jobs_for(each, (first, second), seed=seed, replications=replications)]
    outcomes = list(run_jobs(jobs, runner=runner, workers=workers, on_progress=on_progress))
    width = 2 * replications
    cells = tuple(
        _cell(median_s, name, Samples(outcomes[width * place : width * (place + 1)]), scenario)
        for place, (median_s, name) in enumerate(_places())
    )
    return BreakEvenMap(
        scenario=scenario.name, first=first, second=second, cells=cells, replications=replications,
        duration_s=duration_s, seed=seed,
    )  # fmt: skip


def map_identity(scenario: Scenario, *, seed: int, replications: int = REPLICATIONS) -> RunIdentity:
    """What names the result of a scenario's map."""
    first, second = (strategy.name for strategy in scenario.strategies[:2])
    return RunIdentity(
        scenario=scenario.name, scenario_hash=scenario_hash(scenario), verb="break_even", seed=seed,
        replications=replications, strategies=(first, second),
    )  # fmt: skip


def keep_map(found: BreakEvenMap, scenario: Scenario, folder: Path, *, force: bool = False, command: str = "") -> None:
    """Writes the map as a result without tables. ResultError when the folder holds a different result."""
    identity = map_identity(scenario, seed=found.seed, replications=found.replications)
    with ResultWriter(folder, identity, force=force) as writer:
        rows = [{**row, "saturated": ";".join(f"{k}={n}" for k, n in row["saturated"].items())} for row in found.rows()]
        writer.finish(summary=found.summary(), rows=rows, scenario=resolved(scenario), command=command)


def _places() -> list[tuple[float, str]]:
    return [(median_s, name) for median_s in MEDIANS_S for name in SUBNETS]


def _cell_overrides(scenario: Scenario, place: tuple[float, str], duration_s: float) -> Iterator[str]:
    median_s, subnets = place
    yield f"horizon.duration_s={duration_s}"
    yield f"topology.subnets_per_tenant={SUBNETS[subnets]}"
    for controller in scenario.controllers:
        yield from _bind_latency(controller, median_s)


def _bind_latency(controller: Any, median_s: float) -> Iterator[str]:
    """The controller's bind latency with another median and the same shape."""
    path, latency = f"controllers.{controller.name}.latency.bind", controller.latency.bind
    if latency.lognormal is None:
        yield f"{path}={median_s}"
    else:
        spread = latency.lognormal.p95_s / latency.lognormal.median_s
        yield f"{path}.lognormal.median_s={median_s}"
        yield f"{path}.lognormal.p95_s={median_s * spread:.6g}"


def _cell(median_s: float, subnets: str, samples: Samples, scenario: Scenario) -> Cell:
    first, second = samples.strategies
    ratio = _ratio(samples.values(METRIC, second), samples.values(METRIC, first))
    counts = {name: _saturated(samples, name) for name in (first, second)}
    saturated = {name: count for name, count in counts.items() if count}
    notes = [samples.estimate(METRIC, name).note for name in (first, second)]
    return Cell(
        median_s=median_s, subnets=subnets, ratio=ratio, saturated=saturated,
        within_min_effect=ratio is not None and _is_within(ratio, scenario.min_effect.relative or 0.0),
        note=next((note for note in notes if note), ""),
    )  # fmt: skip


def _saturated(samples: Samples, strategy: str) -> int:
    return sum(outcome.outcome in (SATURATED, "stalled") for outcome in samples.outcomes(strategy))


def _ratio(above: Sequence[float | None], below: Sequence[float | None]) -> Interval | None:
    pairs = [(one, other) for one, other in zip(above, below, strict=True) if one and other]
    if len(pairs) < len(above):
        return None
    return ratio_interval([one for one, _ in pairs], [other for _, other in pairs])


def _is_within(ratio: Interval, effect: float) -> bool:
    if ratio.low is None or ratio.high is None:
        return False
    return 1 - effect <= ratio.low and ratio.high <= 1 + effect
