"""What a plan asks of one system: which load is scaled, which objectives must hold, between which loads to look.

A `Question` is one scenario under one strategy. It goes to the worker processes whole. Nothing here runs anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sim.experiment.cache import OutcomeCache
from sim.experiment.planning.search import Range
from sim.metrics.registry import LATENCY_PARTS, metric_problem
from sim.scenario import (
    Objective,
    Problem,
    Scenario,
    ScenarioError,
    asked_objectives,
    is_whole,
    load_of,
    scaling_paths,
)

HIGHEST_FACTOR = 64  # times the scenario's own load, no search goes above; assumption about what is being asked
LOWEST_FACTOR = 64  # part of it, no search goes below
MOST_OPERATIONS = 200_000  # operations that arrive in one run, no search goes above; assumption: minutes of work
LEAST_OPERATIONS = 20  # operations that arrive in one run, no search goes below: fewer have no 95th percentile
MOST_CLIENTS = 20_000  # clients of a closed load, no search goes above; assumption

_LATENCY = ("mean", "p50", "p95", "p99")
_ALWAYS = (
    "throughput_per_s.all.mean", "goodput_per_s.all.mean", "errors_count.all.total", "unfinished_count.total",
    "operations_count.all.total", "retries_count.conflict.total", "retries_count.inputs_changed.total",
    "retries_count.client_repeat.total", "lost_bindings_count.total", "latency_s.all.mean",
    *(f"latency_part_s.{part}.mean" for part in LATENCY_PARTS),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One scenario under one strategy, `path` being what is scaled. `label` names the configuration in results."""

    scenario: Scenario
    strategy: str
    path: str
    objectives: tuple[Objective, ...]
    seed: int
    cache: OutcomeCache
    label: str = ""

    @property
    def own_load(self) -> float:
        """The scenario's own load."""
        return load_of(self.scenario, self.path)

    @property
    def watched(self) -> tuple[str, ...]:
        """The metrics that are kept of every run: those of the objectives, the main latency, throughput, retries."""
        latency = main_latency(self.scenario, self.objectives)
        asked = (objective.metric for objective in self.objectives)
        return tuple(dict.fromkeys((*asked, *(f"{latency}.{each}" for each in _LATENCY), *_ALWAYS)))

    def on(self, scenario: Scenario, *, label: str) -> "Question":
        """The same question of another system."""
        return replace(self, scenario=scenario, label=label)


def main_latency(scenario: Scenario, objectives: Sequence[Objective]) -> str:
    """The latency that figures and tables show, without its statistic: that of an objective, else the primary one."""
    named = (*(objective.metric for objective in objectives), scenario.primary_metric)
    return next((name.rpartition(".")[0] for name in named if name.startswith("latency_s.")), "latency_s.all")


def objectives_of(scenario: Scenario, strategy: str, asked: Sequence[str]) -> tuple[Objective, ...]:
    """What is demanded of a strategy: what was asked for, else the scenario's thresholds. Raises ScenarioError."""
    if asked:
        return asked_objectives(asked, scenario, metric_problem=metric_problem)
    own = (each for each in scenario.thresholds if not each.strategies or strategy in each.strategies)
    found = tuple(dict.fromkeys(objective for threshold in own for objective in threshold.objectives))
    if found:
        return found
    about = f"{scenario.name} has no thresholds for {strategy}"
    raise ScenarioError([Problem("--slo", (), f"is missing, and {about}; give one, such as {_example(scenario)}")])


def _example(scenario: Scenario) -> str:
    return f'"{main_latency(scenario, ())}.p95 < 5"'


def scaled_path(scenario: Scenario, asked: str | None) -> str:
    """What is scaled: what was asked for, else what is usual for the scenario's arrivals. Raises ScenarioError."""
    usual = next(iter(scaling_paths(scenario)), None)
    path = asked or usual
    if path is None:
        told = f"cannot be planned for: the arrivals of {scenario.name} are a script, each at its own instant"
        raise ScenarioError([Problem(scenario.source or scenario.name, (), told)])
    load_of(scenario, path)  # says what fits when it does not
    return path


def range_of(question: Question) -> Range:
    """Where to look when nothing is known: around the scenario's own load."""
    own, whole = question.own_load, is_whole(question.path)
    operations = operations_of(question.scenario)
    highest = min(own * HIGHEST_FACTOR, MOST_CLIENTS if whole else own * MOST_OPERATIONS / max(1.0, operations))
    lowest = max(own / LOWEST_FACTOR, 1.0 if whole else own * LEAST_OPERATIONS / max(1.0, operations))
    return Range(start=own, lowest=min(own, lowest), highest=max(own, highest), whole=whole)


def operations_of(scenario: Scenario) -> float:
    """How many operations arrive in one run on average; of a closed load, the clients."""
    arrivals, duration_s = scenario.workload.arrivals, scenario.horizon.duration_s
    if arrivals.trace is not None:
        return float(sum(arrival.at_s < duration_s for arrival in arrivals.trace.arrivals))
    if arrivals.storm is not None:
        return float(arrivals.storm.count)
    return load_of(scenario, scaling_paths(scenario)[0]) * (1.0 if arrivals.closed is not None else duration_s)
