"""compare: runs strategies of a scenario over paired replications, keeps the results, gives back a
Comparison.

The command line and `from sim import compare` call it. Every replication draws its own arrivals, the same for
every strategy. It prints nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sim.experiment.break_even import BreakEvenMap, break_even_map
from sim.experiment.comparison import Comparison
from sim.experiment.precision import Precision
from sim.experiment.rounds import Replicated, replicate
from sim.experiment.settings import Settings
from sim.metrics.registry import metric_problem
from sim.results import ResultWriter, RunIdentity
from sim.scenario import (
    KNOWN,
    Problem,
    Scenario,
    ScenarioError,
    builtin,
    load_scenario,
    parse_scenario,
    resolved,
    scenario_hash,
    unknown_metrics,
)
from sim.scenario.checks import reported

STANDARD_SCENARIOS = ("boot_storm", "live_migration", "hot_port")  # what `make compare` runs, before the map


def compare(
    scenario: Scenario | str | None = None, *, strategies: Sequence[str] | None = None,
    settings: Settings | None = None, **changes: Any,
) -> "Comparison | StandardComparison":  # fmt: skip
    """Compare strategies of a scenario (an object, a file or a bare name); without one, the standard
    comparison.

    `strategies` names those to compare, the first being what the others are compared with; None means the scenario's
    own. Built-in strategies need not be in the scenario. `changes` are fields of `Settings` (replications, seed,
    workers, output and so on); a `precision` may be its share alone. Raises ScenarioError, ResultError,
    ReplicationFailed, or ValueError for a number that means nothing.
    """
    how = settings or _settings(changes)
    if scenario is None:
        return StandardComparison(tuple(standard_comparison(how)))
    chosen, names = choose_strategies(_loaded(scenario), strategies)
    check_metrics(chosen)
    if how.precision is not None:
        check_precision(how.precision, chosen, place="precision")
    return _compared(chosen, names, how)


@dataclass(frozen=True, slots=True)
class StandardComparison:
    """The comparisons of the standard scenarios, and the break-even map."""

    parts: tuple[Comparison | BreakEvenMap, ...]

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """One a scenario."""
        return tuple(part for part in self.parts if isinstance(part, Comparison))

    @property
    def map(self) -> BreakEvenMap:
        """Of boot_storm."""
        return next(part for part in self.parts if isinstance(part, BreakEvenMap))

    def __repr__(self) -> str:
        return f"<{len(self.comparisons)} comparisons and a break-even map>"

    def _repr_html_(self) -> str:
        return "".join(part._repr_html_() for part in self.parts)


def standard_comparison(how: Settings) -> Iterator[Comparison | BreakEvenMap]:
    """The parts of the standard comparison, each as soon as it is there.

    `how.output` is the folder of all of them.
    """
    for name in STANDARD_SCENARIOS:
        scenario = load_scenario(name)
        yield _compared(scenario, _names(scenario), _inside(how, scenario))
    storm = load_scenario(STANDARD_SCENARIOS[0])
    yield break_even_map(storm, seed=how.seed, workers=how.workers, on_progress=how.on_progress, runner=how.runner)


def choose_strategies(
    scenario: Scenario, names: Sequence[str] | None, *, place: str = "--strategies"
) -> tuple[Scenario, tuple[str, ...]]:
    """The scenario with only these strategies, and their names as asked (one may be named twice).

    Raises ScenarioError, which says `place`, for a name that neither the scenario nor the core knows.
    """
    if names is None:
        return scenario, _names(scenario)
    if not names:
        raise ScenarioError([Problem(place, (), "names no strategy")])
    known = {**{name: builtin(name) for name in KNOWN}, **{each.name: each for each in scenario.strategies}}
    unknown = [name for name in names if name not in known]
    if unknown:
        text = f"names '{unknown[0]}': no such strategy; allowed: {', '.join(known)}"
        raise ScenarioError([Problem(place, (), text)])
    chosen = {**resolved(scenario), "strategies": [known[name].model_dump() for name in dict.fromkeys(names)]}
    data = _without_what_is_about_others(chosen, {*names, *KNOWN})
    return parse_scenario(data, name=scenario.source or scenario.name), tuple(names)


def _without_what_is_about_others(data: dict[str, Any], known: set[str]) -> dict[str, Any]:
    """The resolved form without promises and published values that are only about variants that were not chosen."""
    promises = [
        {**promise, "strategies": [name for name in promise["strategies"] if name in known]}
        for promise in data["thresholds"]
        if not promise["strategies"] or known.intersection(promise["strategies"])
    ]
    published = [each for each in data["published"] if each["strategy"] is None or each["strategy"] in known]
    return {**data, "thresholds": promises, "published": published}


def check_metrics(scenario: Scenario) -> None:
    """Raises ScenarioError when the primary metric does not exist."""
    found = unknown_metrics(scenario, metric_problem)
    if found:
        raise ScenarioError([Problem(scenario.name, path, problem) for path, problem in found])


def check_warm_up(scenario: Scenario) -> None:
    """Raises ScenarioError where the warm-up would have to be found: that takes all runs of a comparison together."""
    horizon = scenario.horizon
    if horizon.kind == "steady_state" and horizon.warm_up_s is None:
        told = "is null, which only run and compare can find; give its seconds here, as `bindsim compare` tells them"
        raise ScenarioError([Problem(scenario.source or scenario.name, ("horizon", "warm_up_s"), told)])


def check_precision(precision: Precision, scenario: Scenario, *, place: str = "--precision-of") -> None:
    """Raises ScenarioError, which says `place`, for a chosen metric that the scenario does not have."""
    problems = [metric_problem(name, reported(scenario)) for name in precision.metrics]
    if any(problems):
        raise ScenarioError([Problem(place, (), problem) for problem in problems if problem])


def _loaded(scenario: Scenario | str) -> Scenario:
    return load_scenario(scenario) if isinstance(scenario, str) else scenario


def _names(scenario: Scenario) -> tuple[str, ...]:
    return tuple(strategy.name for strategy in scenario.strategies)


def _inside(how: Settings, scenario: Scenario) -> Settings:
    """The same settings, with a folder of the scenario's own inside the output folder."""
    return how if how.output is None else replace(how, output=how.output / scenario.name)


def identity_of(scenario: Scenario, names: tuple[str, ...], how: Settings) -> RunIdentity:
    """What names the result of a comparison."""
    precision = None if how.precision is None else how.precision.of(scenario)
    return RunIdentity(
        scenario=scenario.name, scenario_hash=scenario_hash(scenario), verb=how.verb, seed=how.seed,
        replications=how.replications if precision is None else None, strategies=names,
        first_replication=how.first_replication, precision=None if precision is None else precision.data(),
        experiment=how.engine,
    )  # fmt: skip


def _settings(changes: dict[str, Any]) -> Settings:
    share = changes.get("precision")
    return Settings(**(changes if not isinstance(share, float) else {**changes, "precision": Precision(share=share)}))


def _compared(scenario: Scenario, names: tuple[str, ...], how: Settings) -> Comparison:
    """Writes the tables as they come, so that never more than a few replications are in memory."""
    if how.precision is not None:
        how = replace(how, precision=how.precision.of(scenario))
    if how.output is None:
        return _comparison(scenario, replicate(scenario, names, how, None), how)
    identity = identity_of(scenario, names, how)
    in_rounds = how.precision is not None and len(names) > 1
    with ResultWriter(how.output, identity, force=how.force, in_rounds=in_rounds) as writer:
        comparison = _comparison(scenario, replicate(scenario, names, how, writer), how)
        writer.finish(
            summary=comparison.summary(), rows=comparison.summary_rows(), scenario=resolved(scenario),
            command=how.command, origin=_origin(scenario, how),
        )  # fmt: skip
    return comparison


def _comparison(scenario: Scenario, found: Replicated, how: Settings) -> Comparison:
    return Comparison(
        scenario,
        found.outcomes,
        seed=how.seed,
        warm_up=found.warm_up,
        origin=_origin(scenario, how),
        precision=how.precision,
        asked=how.objectives,
    )


def _origin(scenario: Scenario, how: Settings) -> tuple[str, ...]:
    return how.origin or (scenario.source or scenario.name,)
