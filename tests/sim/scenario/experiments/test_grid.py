import pytest

from sim.scenario import Scenario, ScenarioError, load_scenario, resolved, with_overrides
from sim.scenario.experiments import axis_of, grid, with_settings
from sim.scenario.experiments.varying import axis_from
from sim.scenario.scaling import load_of


@pytest.fixture(scope="module")
def storm() -> Scenario:
    return load_scenario("boot_storm")


def test_axes_are_crossed_and_the_first_varies_slowest(storm: Scenario) -> None:
    points = grid(storm, [axis_of("api.processes=1,2"), axis_from({"api.threads": [5, 9], "api.cores": [1, 2]})])
    assert [tuple(point.settings.values()) for point in points] == [(1, 5, 1), (1, 9, 2), (2, 5, 1), (2, 9, 2)]
    assert [point.number for point in points] == [0, 1, 2, 3]
    assert [(p.scenario.api.processes, p.scenario.api.threads, p.scenario.api.cores) for p in points] == [
        tuple(point.settings.values()) for point in points
    ]


def test_a_point_is_what_the_overrides_make(storm: Scenario) -> None:
    [point, _] = grid(storm, [axis_of("controllers.sdn.latency.bind.lognormal.median_s=0.2,0.4")])
    made = with_overrides(storm, ["controllers.sdn.latency.bind.lognormal.median_s=0.2"])
    assert resolved(point.scenario) == resolved(made)
    assert point.scenario.name == "boot_storm"


def test_loads_are_scaled_after_all_else(storm: Scenario) -> None:
    settings = {"workload.rate_per_s": 5, "workload.batch_scale": 2, "horizon.duration_s": 30}
    made = with_settings(storm, settings)
    assert round(load_of(made, "workload.rate_per_s"), 9) == 5
    assert made.horizon.duration_s == 30


def test_every_invalid_point_is_told_with_its_axis(storm: Scenario) -> None:
    axes = [axis_of("api.processes=0,1"), axis_of("api.threads=1,2")]
    with pytest.raises(ScenarioError) as refused:
        grid(storm, axes)
    told = (
        "--vary api.processes=0,1: api.processes is 0: must be at least 1 (in the point api.processes=0, api.threads="
    )
    assert [str(problem) for problem in refused.value.problems] == [f"{told}1)", f"{told}2)"]


def test_only_a_few_invalid_points_are_told(storm: Scenario) -> None:
    with pytest.raises(ScenarioError) as refused:
        grid(storm, [axis_of("horizon.duration_s=-9..-1..9")])
    assert len(refused.value.problems) == 6
    assert str(refused.value.problems[-1]).endswith("4 more points are invalid")


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["api.processes=1", "api.processes=2"], "varies api.processes, which --vary api.processes=1 varies too"),
        (["api.procesess=1"], "did you mean 'processes'"),
        (["workload.clients=1,2"], "does not fit the arrivals of boot_storm"),
        (["workload.rate_per_s=0,2"], "is 0; it must be a number above 0"),
        (["api.threads=1..200..200", "api.cores=1..200..200"], "makes 40,000 points"),
    ],
)
def test_axes_that_mean_nothing_are_refused(storm: Scenario, texts: list[str], told: str) -> None:
    with pytest.raises(ScenarioError, match=told):
        grid(storm, [axis_of(text) for text in texts])
