from pathlib import Path

import pytest

from sim import load_run, load_scenario
from sim.experiment import BreakEvenMap, Cell, Interval, keep_map, map_identity
from sim.results import ResultError


def small_map(*, seed: int = 1) -> BreakEvenMap:
    ratio = Interval(0.5, 0.4, 0.6, 5)
    cells = (
        Cell(median_s=0.5, subnets="one subnet a tenant", ratio=ratio, saturated={}, within_min_effect=False),
        Cell(median_s=2.0, subnets="one subnet for all", ratio=None, saturated={"a": 2}, within_min_effect=False),
    )
    return BreakEvenMap(
        scenario="boot_storm", first="a", second="b", cells=cells, replications=5, duration_s=60.0, seed=seed
    )


def test_a_kept_map_can_be_loaded_and_says_what_was_run(tmp_path: Path) -> None:
    scenario = load_scenario("boot_storm")
    keep_map(small_map(), scenario, tmp_path / "map", command="bindsim compare")
    loaded = load_run(tmp_path / "map")
    assert loaded.manifest["command"] == "bindsim compare"
    assert loaded.manifest["run"] == map_identity(scenario, seed=1).data()
    assert loaded.summary["ratio"].fillna(-1).tolist() == [0.5, -1]
    assert loaded.summary["saturated"].fillna("").tolist() == ["", "a=2"]
    assert loaded.details["cells"][0]["ratio_low"] == 0.4


def test_a_kept_map_is_replaced_by_the_same_run_and_by_no_other(tmp_path: Path) -> None:
    scenario = load_scenario("boot_storm")
    keep_map(small_map(), scenario, tmp_path / "map")
    keep_map(small_map(), scenario, tmp_path / "map")
    with pytest.raises(ResultError, match="different result"):
        keep_map(small_map(seed=2), scenario, tmp_path / "map")
