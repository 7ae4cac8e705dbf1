"""The blocks are a scenario's, and say where they come from."""

from typing import Any

import pytest

from sim.calibration.blocks import as_yaml, blocks
from sim.calibration.chosen import chosen
from sim.calibration.costs import Costs, costs_of
from sim.fitting import Column, fit_durations
from sim.scenario import Dist, Scenario, load_scenario, parse_scenario, resolved
from sim.scenario.yaml_text import parse
from sim.simulation import run
from tests.sim.calibration.made_up import circumstances, made_up
from tests.sim.fitting.test_durations import column_of

COMMAND = "bindsim calibrate --database postgresql"


@pytest.fixture(scope="module")
def costs() -> Costs:
    return costs_of(made_up())


def merged(name: str, found: dict[str, Any], overrides: list[str]) -> Scenario:
    data = resolved(load_scenario(name, overrides))
    return parse_scenario({**data, **{key: {**data[key], **block} for key, block in found.items()}})


@pytest.mark.parametrize("strategy", ["in-transaction", "deferred"])
def test_a_shipped_scenario_runs_with_the_blocks(costs: Costs, strategy: str) -> None:
    scenario = merged("live_migration", blocks(costs, circumstances()), ["horizon.duration_s=5"])
    assert scenario.database.on_api_machine
    assert run(scenario, strategy=strategy).outcome == "ok"


def test_the_yaml_says_the_same_as_the_data(costs: Costs) -> None:
    found = blocks(costs, circumstances())
    data, _ = parse(as_yaml(found, circumstances(), COMMAND))
    assert data == found


def test_the_yaml_fits_into_80_columns_under_its_provenance(costs: Costs) -> None:
    lines = as_yaml(blocks(costs, circumstances()), circumstances(scenario="hot_port"), COMMAND).splitlines()
    assert max(map(len, lines)) <= 80
    comment = " ".join(line[2:] for line in lines if line.startswith("#"))
    for part in (COMMAND, "2026-11-24", "PostgreSQL 18.4", "psycopg 3.3.9", "Python 3.11.7", "2 cores", "hot_port"):
        assert part in comment


def test_a_server_that_does_not_tell_is_on_a_machine_of_its_own() -> None:
    found = blocks(costs_of(made_up(knows_server=False)), circumstances(knows_server=False))
    assert "on_api_machine" not in found["database"]
    assert "background_cpu_s" not in found["api"]


def test_a_distribution_that_nothing_fits_is_a_few_quantiles_with_the_same_mean() -> None:
    import numpy as np

    draws = np.random.default_rng(3)
    values = np.concatenate([draws.uniform(1, 1.1, 900), draws.uniform(3, 3.1, 900), draws.uniform(9, 9.5, 200)]) / 1e4
    column: Column = column_of(values)
    found = chosen(fit_durations(column))
    spec = found.spec
    assert found.name == "empirical (21)"
    assert found.distance < 0.05
    assert len(spec["empirical"]["quantiles_s"]) == 21
    drawn = Dist.model_validate(spec).build()
    assert drawn.mean_s == pytest.approx(values.mean(), rel=1e-3)
    assert drawn.quantile(0.9) == pytest.approx(float(np.quantile(values, 0.9)), rel=1e-3)
