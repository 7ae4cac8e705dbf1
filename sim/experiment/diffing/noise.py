"""The noise floor: how far means lie apart when nothing but the draws differs. Learned from A/A runs.

A spread is the standard deviation of the difference of one replication of a strategy and another of the same strategy,
with draws of its own. Used by sim.experiment.diffing.differences; the command line chooses where it is learned.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isnan, sqrt
from statistics import stdev

from sim.experiment.comparing import compare
from sim.experiment.comparison import Comparison
from sim.experiment.diffing.series import Key, Values, series_of
from sim.experiment.intervals import LEAST_REPLICATIONS
from sim.experiment.progress import OnProgress
from sim.experiment.settings import Settings
from sim.results import LoadedRun, ResultError
from sim.scenario import parse_scenario

_AGAIN = "#2"  # what results call a strategy that was named a second time


@dataclass(frozen=True, slots=True)
class Spread:
    """Of the difference of two replications: its standard deviation, and the degrees of freedom of that."""

    deviation: float
    freedom: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """The spreads that are known, by strategy and metric (and point of a sweep), and in words where they are from."""

    source: str
    spreads: Mapping[Key, Spread]

    def spread(self, key: Key) -> Spread | None:
        """Of a series; None when it is not known. A strategy that was named again has the same as the first time."""
        return self.spreads.get(key) or self.spreads.get(replace(key, strategy=key.strategy.partition("#")[0]))


def with_the_rest_of(noise: Noise, rest: Noise) -> Noise:
    """The same noise, and another one for every series that it does not know."""
    missing = [key for key in rest.spreads if noise.spread(key) is None]
    source = f"{noise.source}; for what it does not hold, {rest.source}" if missing else noise.source
    return Noise(source=source, spreads={**noise.spreads, **{key: rest.spreads[key] for key in missing}})


def noise_of_spread(result: LoadedRun) -> Noise:
    """From the replications of a result itself: two of them differ by sqrt(2) times their standard deviation."""
    known = {key: complete for key, values in series_of(result).items() if (complete := _complete(values))}
    spreads = {key: Spread(sqrt(2) * stdev(values), len(values) - 1) for key, values in known.items()}
    return Noise(source="the spread of A's replications", spreads=spreads)


def noise_of_pairs(result: LoadedRun) -> Noise:
    """From a saved comparison in which strategies were compared with themselves. ResultError when none was."""
    spreads = _spreads_of_pairs(series_of(result))
    if not spreads:
        told = f"{result.folder} compares no strategy with itself in {LEAST_REPLICATIONS} replications or more"
        raise ResultError(f"{told}; `bindsim compare SCENARIO --strategies deferred,deferred` does")
    return Noise(source=f"the A/A comparison in {result.folder}", spreads=spreads)


def learned_noise(
    result: LoadedRun, *, replications: int, workers: int | None = None, on_progress: OnProgress | None = None
) -> Noise:
    """From A/A runs made now: the result's own scenario, every strategy against itself, with the next seed.

    ResultError for a sweep, whose points are many scenarios; ScenarioError when the scenario cannot be run any more.
    """
    run = result.manifest["run"]
    if run["verb"] not in ("run", "compare"):
        raise ResultError(f"{result.folder} is a result of {run['verb']}; A/A runs are made of a run or a comparison")
    names = [name for name in dict.fromkeys(run["strategies"]) for _ in range(2)]
    scenario = parse_scenario(result.manifest["scenario"], name=result.origin[0])
    how = Settings(replications=replications, seed=run["seed"] + 1, workers=workers, on_progress=on_progress)
    found = compare(scenario, strategies=names, settings=how)
    assert isinstance(found, Comparison)
    series = {
        Key("", strategy, metric): tuple(found.samples.values(metric, strategy))
        for strategy in found.strategies
        for metric in found.samples.metrics()
    }
    return Noise(source=f"{replications} A/A runs of A's scenario, seed {how.seed}", spreads=_spreads_of_pairs(series))


def _spreads_of_pairs(series: Mapping[Key, Values]) -> dict[Key, Spread]:
    spreads = dict[Key, Spread]()
    for key, values in series.items():
        again = series.get(Key(key.point, key.strategy + _AGAIN, key.metric), ())
        own, other = _complete(values), _complete(again)
        if own and len(own) == len(other):
            spreads[key] = Spread(stdev(two - one for one, two in zip(own, other, strict=True)), len(own) - 1)
    return spreads


def _complete(values: Values) -> tuple[float, ...]:
    """The values when there are enough and none is missing; else none."""
    known = tuple(value for value in values if value is not None and not isnan(value))
    return known if len(known) == len(values) >= LEAST_REPLICATIONS else ()
