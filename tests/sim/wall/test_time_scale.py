"""--time-scale: every time that is modelled shrinks, every rate grows, and nothing else changes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sim.scenario import Scenario, load_scenario, resolved
from sim.wall import scaled_in_time
from tests.sim.wall.on_sqlite import small

FACTOR = 0.5
SHIPPED = sorted(path for path in Path("scenarios").rglob("*.yaml") if path.parent.name != "experiments")
MODELLED = ("horizon", "workload", "agents", "drivers", "controllers", "faults")
REAL = ("api", "database", "topology", "strategies")

Leaf = tuple[tuple[str | int, ...], Any]


def _leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[Leaf]:
    if isinstance(value, dict):
        for key, held in value.items():
            yield from _leaves(held, (*path, key))
    elif isinstance(value, list | tuple):
        for place, held in enumerate(value):
            yield from _leaves(held, (*path, place))
    else:
        yield path, value


def _wanted(path: tuple[str | int, ...], value: Any) -> Any:
    """What a value should become, by the unit at the end of its name; a list's items have that of the list."""
    name = next(str(part) for part in reversed(path) if not isinstance(part, int))
    if path[0] not in MODELLED or not isinstance(value, int | float) or isinstance(value, bool):
        return value
    if name.endswith("_per_s"):
        return value / FACTOR
    if name == "time_scale" or (name.endswith("_s") and name != "zipf_s"):
        return value * FACTOR
    return value


def _assert_scaled(scenario: Scenario) -> None:
    before, after = dict(_leaves(resolved(scenario))), dict(_leaves(resolved(scaled_in_time(scenario, FACTOR))))
    assert after == pytest.approx({path: _wanted(path, value) for path, value in before.items()})


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_modelled_time_of_a_shipped_scenario_is_scaled_and_nothing_else(path: Path) -> None:
    _assert_scaled(load_scenario(path))


VARIED: dict[str, dict[str, Any]] = {
    "distributions": {
        "controllers": [
            {
                "name": "sdn",
                "latency": {
                    "bind": {"pareto": {"minimum_s": 0.1, "alpha": 2.5}},
                    "confirm": {"empirical": {"quantiles_s": [0.1, 0.2, 0.4]}},
                    "drop": {"exponential": {"mean_s": 0.1}},
                },
                "degraded": [{"from_s": 0.1, "to_s": 0.2, "latency_factor": 3}],
            }
        ]
    },
    "faults": {
        "faults": [
            {"crash": {"at_s": 0.2, "process": 0, "restart_after_s": 0.3}},
            {"crash": {"point": "after_commit", "probability": 0.1, "restart_after_s": None}},
            {"controller": {"name": "sdn", "at_s": 0.1, "for_s": 0.2, "latency_factor": 4}},
            {"failover": {"at_s": 0.3, "pause_s": 0.1}},
        ]
    },
    "closed clients": {"workload": {"arrivals": {"closed": {"clients": 3, "think_time_s": 0.2}}}},
    "hot ports": {"workload": {"ports": {"initial": 6, "zipf_s": 1.5}}},
}


@pytest.mark.parametrize("what", VARIED)
def test_all_that_can_be_modelled_is_scaled(what: str) -> None:
    _assert_scaled(small(**VARIED[what]))


def test_a_trace_is_played_in_the_shorter_time(tmp_path: Path) -> None:
    (tmp_path / "arrivals.csv").write_text("at_s\n0\n0.2\n0.4\n")
    trace = {"trace": {"file": str(tmp_path / "arrivals.csv")}}
    scaled = scaled_in_time(load_scenario("hot_port", [f"workload.arrivals={trace!r}"]), 0.5)
    assert scaled.workload.arrivals.trace is not None
    assert [arrival.at_s for arrival in scaled.workload.arrivals.trace.arrivals] == [0, 0.1, 0.2]


def test_a_factor_of_one_gives_the_scenario_itself() -> None:
    scenario = small()
    assert scaled_in_time(scenario, 1) is scenario
