"""merge: makes the whole of the shards of a sweep, the same bytes as the sweep in one piece (manifest aside).

`bindsim merge` calls it. Shards that do not belong together, twice the same, or too few are refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.experiment.cache import outcome_of
from sim.experiment.comparison import Comparison
from sim.experiment.precision import Precision
from sim.experiment.sweeps.keeping import OUTCOMES
from sim.experiment.sweeps.result import Failure, Sweep, SweptOver, SweptPoint
from sim.experiment.sweeps.settings import Shard
from sim.results import LoadedRun, ResultError, load_run
from sim.results.folder import read_json
from sim.scenario import Scenario, parse_scenario
from sim.scenario.experiments import Axis, Point, grid


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One shard as it was saved."""

    folder: Path
    loaded: LoadedRun
    outcomes: dict[str, Any]

    @property
    def run(self) -> dict[str, Any]:
        run: dict[str, Any] = self.loaded.manifest["run"]
        return run

    @property
    def shard(self) -> Shard:
        return Shard.parse(self.run["experiment"]["shard"])

    @property
    def question(self) -> dict[str, Any]:
        """What must be the same in all parts, by the words that an error uses."""
        experiment = {key: value for key, value in self.run["experiment"].items() if key != "shard"}
        return {
            "scenario": [self.run["scenario"], self.loaded.manifest["scenario"]],
            "strategies": self.run["strategies"],
            "seed": self.run["seed"],
            "number of replications": self.run["replications"],
            "precision": self.run.get("precision"),
            "number of shards": self.shard.count,
            "code or packages": self.outcomes["code"],
            **{f"'{name}'": value for name, value in experiment.items()},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """The whole, and what its folder and manifest need."""

    sweep: Sweep
    replications: int
    origin: tuple[str, ...]


def merge(folders: Sequence[Path]) -> Merged:
    """The sweep whose shards are in these folders. Raises ResultError when they are not all of one sweep, each once."""
    parts = sorted((_part(folder) for folder in folders), key=lambda part: part.shard.number)
    _check_belong_together(parts)
    _check_complete(parts)
    first = parts[0]
    scenario = parse_scenario(first.loaded.manifest["scenario"], name=first.outcomes["source"])
    over = _over(first.run, scenario)
    saved = {each["number"]: each for part in parts for each in part.outcomes["points"]}
    points = tuple(_point(point, saved[point.number], over) for point in grid(scenario, over.axes))
    return Merged(
        sweep=Sweep(over=over, points=points), replications=first.run["replications"] or 0, origin=first.loaded.origin
    )


def _part(folder: Path) -> _Part:
    loaded = load_run(folder)
    run = loaded.manifest["run"]
    if run["verb"] != "sweep" or "shard" not in run.get("experiment", {}):
        raise ResultError(f"{folder} is no shard of a sweep but the result of {run['verb']} {run['scenario']}")
    return _Part(folder=folder, loaded=loaded, outcomes=read_json(folder / OUTCOMES))


def _check_belong_together(parts: Sequence[_Part]) -> None:
    first = parts[0]
    for part in parts[1:]:
        asked = part.question
        for name, value in first.question.items():
            if asked.get(name) != value:
                raise ResultError(f"{part.folder} does not belong to {first.folder}: another {name}")


def _check_complete(parts: Sequence[_Part]) -> None:
    seen = dict[int, Path]()
    for part in parts:
        if part.shard.number in seen:
            raise ResultError(f"{part.folder} and {seen[part.shard.number]} are the same shard {part.shard}")
        seen[part.shard.number] = part.folder
    count = parts[0].shard.count
    missing = [f"{number}/{count}" for number in range(1, count + 1) if number not in seen]
    if missing:
        raise ResultError(f"these shards are missing: {', '.join(missing)}; run the sweep with --shard {missing[0]}")


def _over(run: dict[str, Any], scenario: Scenario) -> SweptOver:
    experiment = run["experiment"]
    precision = run.get("precision")
    return SweptOver(
        scenario=scenario, axes=tuple(_axis(each) for each in experiment["vary"]), strategies=tuple(run["strategies"]),
        metric=experiment["metric"], seed=run["seed"],
        precision=None if precision is None else Precision(**{**precision, "metrics": tuple(precision["metrics"])}),
    )  # fmt: skip


def _axis(data: dict[str, list[Any]]) -> Axis:
    return Axis(paths=tuple(data), values=tuple(zip(*data.values(), strict=True)), place="manifest.json")


def _point(point: Point, saved: dict[str, Any], over: SweptOver) -> SweptPoint:
    failure = Failure(**saved["failure"]) if "failure" in saved else None
    outcomes = [outcome_of(each) for each in saved.get("outcomes", [])]
    comparison = None if failure else Comparison(point.scenario, outcomes, seed=over.seed)
    return SweptPoint(
        number=point.number, settings=point.settings, scenario=point.scenario, comparison=comparison, failure=failure
    )
