"""Arrivals of open loads: their number, order, tenants, and what leaves them unchanged."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.kernel import Draws
from sim.model.arrivals import DRAWN_TENANT, Arrivals, open_arrivals
from sim.scenario import load_scenario
from tests.sim.model.tiny import tiny

SCENARIO = """
question: Does a trace play?
horizon: {duration_s: 10}
workload:
  arrivals: {trace: {file: t.csv, time_scale: 2}}
  operations: [{operation: create_port}]
drivers: [{name: a, kind: agent}]
primary_metric: latency_s.create_port.p95
"""


def arrivals(duration_s: float = 100, seed: int = 1, tenants: int = 2, **kind: Any) -> Arrivals:
    scenario = tiny(
        horizon={"duration_s": duration_s},
        topology={"tenants": tenants},
        workload={"arrivals": kind},
    )
    return open_arrivals(scenario, Draws(seed))


def test_poisson_arrivals_have_their_rate_and_the_spread_of_a_poisson_process() -> None:
    at_us = arrivals(duration_s=2000, poisson={"rate_per_s": 10}).at_us
    counts = np.histogram(at_us, bins=2000, range=(0, 2e9))[0]
    assert counts.mean() == pytest.approx(10, rel=0.03)  # 4 standard errors
    assert counts.var() / counts.mean() == pytest.approx(1, abs=0.15)
    assert all(a <= b for a, b in pairwise(at_us))


def test_a_longer_horizon_only_adds_arrivals() -> None:
    short = arrivals(duration_s=50, poisson={"rate_per_s": 3}).at_us
    long = arrivals(duration_s=500, poisson={"rate_per_s": 3}).at_us
    assert long[: len(short)].tolist() == short.tolist()


def test_constant_arrivals_come_at_equal_distances_and_end_before_the_horizon() -> None:
    assert arrivals(duration_s=1, constant={"rate_per_s": 4}).at_us.tolist() == [250_000, 500_000, 750_000]


def test_a_storm_is_one_instant() -> None:
    assert arrivals(storm={"at_s": 3, "count": 4}).at_us.tolist() == [3_000_000] * 4


def test_a_batch_belongs_to_one_tenant_and_tenants_take_turns() -> None:
    found = arrivals(tenants=3, batches={"rate_per_s": 1, "size": 4, "spacing_s": 0})
    assert len(found.at_us) % 4 == 0
    owners = found.tenants.reshape(-1, 4)
    assert (owners == owners[:, :1]).all()
    assert owners[:4, 0].tolist() == [0, 1, 2, 0]


def test_arrivals_of_a_batch_are_spaced_and_those_after_the_end_are_left_out() -> None:
    found = arrivals(duration_s=5, batches={"rate_per_s": 1, "size": 100, "spacing_s": 1})
    assert found.at_us.max() < 5_000_000
    assert all(a <= b for a, b in pairwise(found.at_us))


def test_a_modulated_rate_keeps_its_mean_and_bursts() -> None:
    modulation = {"cv": 1.0, "correlation": 0.5, "interval_s": 10}
    batches = {"rate_per_s": 5, "size": 1, "modulation": modulation}
    counts = np.histogram(arrivals(duration_s=5_000, batches=batches).at_us, bins=500, range=(0, 5e9))[0]
    assert counts.mean() == pytest.approx(50, rel=0.2)
    assert counts.var() / counts.mean() > 10  # a Poisson process has 1; here about 1 + 50 * cv**2
    assert np.corrcoef(counts[:-1], counts[1:])[0, 1] > 0.3


def test_a_trace_is_played_at_its_scale_with_its_tenants(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("at_s,tenant\n0.5,1\n1.25,\n9,52\n")
    (tmp_path / "s.yaml").write_text(SCENARIO)
    found = open_arrivals(load_scenario(str(tmp_path / "s.yaml")), Draws(1))
    assert found.at_us.tolist() == [1_000_000, 2_500_000]  # 18 s is after the end
    assert found.tenants.tolist() == [1, DRAWN_TENANT]


def test_the_seed_changes_arrivals_and_nothing_else_does() -> None:
    first, again, other = (arrivals(seed=seed, poisson={"rate_per_s": 1}).at_us.tolist() for seed in (1, 1, 2))
    assert first == again != other
