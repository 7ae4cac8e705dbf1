from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.experiment.cache import OutcomeCache
from sim.experiment.jobs import Job, Report
from sim.experiment.sweeps import SweepSettings, run_screening, screen, screened
from sim.experiment.sweeps.effects import drawn_trajectories, effects_on
from sim.experiment.sweeps.factors import Factor, factors_of
from sim.metrics import RunFacts, Tables
from sim.results import load_run
from sim.scenario import Scenario, ScenarioError, load_scenario
from sim.scenario.assumptions import Assumption

BIND = "controllers.sdn.latency.bind.lognormal"


def marked(**values: float) -> list[Assumption]:
    return [Assumption(path=path, line=1, value=value) for path, value in values.items()]


def factor(path: str, *values: float) -> Factor:
    return Factor(assumption=Assumption(path=path, line=1, value=values[0]), values=values)


def known_response(job: Job, report: Report) -> RunFacts:
    """A latency that follows from the scenario: threads count twice, tenants by their product with subnets."""
    api, topology = job.scenario.api, job.scenario.topology
    latency_s = 2 * api.threads + topology.tenants * topology.networks + (job.strategy == "deferred") * api.processes
    tables = Tables.empty()
    words = tables.words
    tables.operations.append(
        0, words.kinds.code("create_port"), words.classes.code("boot"), 0, 0, 0, -1, 0, 0, 0, latency_s * 1_000_000,
        0, -1, 1, 0,
    )  # fmt: skip
    return RunFacts(
        scenario="known", strategy=job.strategy, seed=1, replication=job.draw, tables=tables, virtual_us=1,
        load_end_us=1, outcome="saturated" if topology.hosts > 8000 and job.strategy == "in-transaction" else "ok",
    )  # fmt: skip


GUESSES = marked(**{"api.threads": 8, "topology.tenants": 4, "topology.networks": 2, "api.processes": 4})


@pytest.fixture
def how() -> SweepSettings:
    return SweepSettings(replications=1, workers=1, runner=known_response, cache=OutcomeCache(None))


def test_an_effect_is_the_change_over_the_whole_range() -> None:
    factors = [factor("a", 0, 1), factor("b", 0, 1), factor("c", 0, 1)]
    levels = drawn_trajectories(20, 3, seed=1)
    outputs = [[5 * a + 2 * b * b for a, b, _ in line] for line in levels]
    first, second, third = effects_on(factors, levels, outputs, seed=1)
    assert (first.factor.path, first.count, first.mu_star, first.sigma) == ("a", 20, 5.0, 0.0)
    assert second.factor.path == "b"
    assert second.mu_star == pytest.approx(2.0, abs=0.3)  # b goes from 0 to 2/3 or from 1/3 to 1: 4/3 or 8/3
    assert second.sigma > 0.3
    assert (third.factor.path, third.mu_star, third.mu_star_conf) == ("c", 0.0, 0.0)


def test_interactions_show_in_sigma() -> None:
    factors = [factor("a", 0, 1), factor("b", 0, 1)]
    levels = drawn_trajectories(50, 2, seed=1)
    outputs = [[a + 10 * (b - 0.5) * (a - 0.5) for a, b in line] for line in levels]
    for effect in effects_on(factors, levels, outputs, seed=1):
        assert effect.sigma > abs(effect.mu)


def test_an_effect_without_a_value_is_left_out_without_the_others() -> None:
    factors = [factor("a", 0, 1), factor("b", 0, 1)]
    levels = drawn_trajectories(6, 2, seed=1)
    outputs: list[list[float | None]] = [[float(a + b) for a, b in line] for line in levels]
    outputs[0][0] = None
    counts = sorted(effect.count for effect in effects_on(factors, levels, outputs, seed=1))
    assert counts == [5, 6]
    nothing = effects_on(factors, levels, [[None] * 3] * 6, seed=1)
    assert [(effect.count, effect.mu_star, effect.sigma) for effect in nothing] == [(0, None, None)] * 2


def test_numbers_go_from_half_to_double_in_equal_ratios(scenario: Scenario) -> None:
    [found], _ = factors_of(scenario, marked(**{"horizon.duration_s": 40.0}), factor=2)
    assert found.values == (20.0, 31.748, 50.3968, 80.0)
    assert [found.at(level / 3) for level in range(4)] == list(found.values)


@pytest.mark.parametrize(
    ("path", "value", "values"),
    [
        ("topology.networks", 1, (1, 2)),
        ("topology.networks", 2, (1, 2, 3, 4)),
        ("api.processes", 3, (2, 4, 6)),
        ("workload.read_after_conflict", 0.8, None),
    ],
)
def test_whole_numbers_are_rounded_and_each_is_once(
    scenario: Scenario, path: str, value: float, values: tuple[float, ...] | None
) -> None:
    varied, left_out = factors_of(scenario, marked(**{path: value}), factor=2)
    if values is None:
        assert left_out[0].why.startswith("the scenario refuses its values")
        return
    assert varied[0].values == values
    low, high = varied[0].at(0.0), varied[0].at(2 / 3)
    assert low < high  # a step of Morris always changes the value


def test_a_share_ends_at_one() -> None:
    path = "controllers.sdn.degraded.0.error_probability"
    brownout = load_scenario("controller_brownout", [f"{path}=0.8"])
    [found], _ = factors_of(brownout, marked(**{path: 0.8}), factor=2)
    assert found.values == (0.4, 0.63496, 1.0)


def test_what_cannot_be_varied_is_said(scenario: Scenario) -> None:
    guesses = marked(**{"workload.arrivals.poisson.rate_per_s": 0, "min_effect.relative": 0.05, "no.such": 3})
    varied, left_out = factors_of(scenario, guesses, factor=2)
    assert varied == ()
    assert [each.why[:30] for each in left_out] == [
        "it is 0, which cannot be scale", "it is about reading the result", "the scenario refuses its value",
    ]  # fmt: skip


def test_the_ranking_is_that_of_the_response(scenario: Scenario, how: SweepSettings) -> None:
    found = run_screening(screened(scenario, GUESSES, how, count=8), how)
    for strategy in ("in-transaction", "deferred"):
        paths = [effect.factor.path for effect in found.effects[strategy]]
        assert paths[0] == "api.threads"
    assert found.effects["in-transaction"][-1].factor.path == "api.processes"
    assert found.effects["in-transaction"][-1].mu_star == 0
    difference = {effect.factor.path: effect.mu_star for effect in found.effects["deferred - in-transaction"]}
    assert difference.pop("api.processes") > 0
    assert set(difference.values()) == {0.0}


def test_saturated_points_are_counted_and_left_out(scenario: Scenario, how: SweepSettings) -> None:
    over = screened(scenario, [*GUESSES, *marked(**{"topology.hosts": 8000})], how, count=6)
    found = run_screening(over, how)
    saturated = sum(point.scenario.topology.hosts > 8000 for point in over.points)
    assert 0 < saturated < len(over.points)
    assert found.without_values == {
        "in-transaction": saturated, "deferred": 0, "deferred - in-transaction": saturated,
    }  # fmt: skip
    assert all(effect.count == 6 for effect in found.effects["deferred"])
    assert sum(effect.count for effect in found.effects["in-transaction"]) < 6 * 5


def test_combinations_that_the_scenario_refuses_are_not_run(scenario: Scenario, how: SweepSettings) -> None:
    guesses = marked(**{f"{BIND}.median_s": 0.5, f"{BIND}.p95_s": 1.0, "api.threads": 8})
    over = screened(scenario, guesses, how, count=10)
    assert over.refused > 0
    assert over.trajectories == 10
    for point in over.points:
        assert point.settings[f"{BIND}.median_s"] <= point.settings[f"{BIND}.p95_s"]


def test_every_trajectory_changes_one_number_at_a_time(scenario: Scenario, how: SweepSettings) -> None:
    over = screened(scenario, GUESSES, how, count=5)
    assert [point.number for point in over.points] == list(range(len(over.points)))
    for visits in over.visits:
        steps = [over.points[number].settings for number in visits]
        changed = [[path for path in one if one[path] != other[path]] for one, other in pairwise(steps)]
        assert sorted(path for [path] in changed) == sorted(each.path for each in GUESSES)


def test_the_same_seed_gives_the_same_bytes(scenario: Scenario, how: SweepSettings, tmp_path: Path) -> None:
    for name, workers in (("a", 1), ("b", 2)):
        changed = replace(how, workers=workers, output=tmp_path / name)
        run_screening(screened(scenario, GUESSES, changed, count=4), changed)
    for name in ("summary.csv", "summary.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    back = load_run(tmp_path / "a")
    assert list(back.summary.columns[:3]) == ["output", "rank", "path"]
    assert len(back.summary) == 3 * 4


def test_a_scenario_without_assumptions_is_refused(scenario: Scenario, how: SweepSettings) -> None:
    with pytest.raises(ScenarioError, match=r"has no assumption to vary \(no line has the word"):
        screened(scenario, [], how)
    with pytest.raises(ScenarioError, match="it is 0, which cannot be scaled"):
        screened(scenario, marked(**{"api.cpu_s": 0}), how)


def test_a_scenario_file_is_screened_by_its_name() -> None:
    found = screen(
        "hot_port",
        overrides=["api.threads=9"],
        trajectories=2,
        runner=known_response,
        cache=OutcomeCache(None),
        workers=1,
    )
    assert found.replications == 3
    assert {each.path: each.assumption.value for each in found.over.factors}["api.threads"] == 9
    assert len(found.frame()) == 3 * len(found.over.factors)


def test_levels_are_those_of_morris() -> None:
    levels: Any = drawn_trajectories(10, 4, seed=3)
    assert levels.shape == (10, 5, 4)
    assert {round(float(level) * 3, 9) for level in levels.ravel()} == {0, 1, 2, 3}
    assert (np.abs(np.diff(levels, axis=1)).sum(axis=2).round(9) == round(2 / 3, 9)).all()
