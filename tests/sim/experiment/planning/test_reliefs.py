"""Reliefs: what they change, and what has no room for one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.experiment.planning.busy import subnets_of
from sim.experiment.planning.reliefs import Relief, reliefs_of, shorter
from sim.scenario import Dist, Scenario, load_scenario
from tests.sim.experiment.planning.systems import system

DISTS = st.sampled_from([
    {"constant": {"value_s": 2, "shift_s": 0.1}}, {"exponential": {"mean_s": 0.5}},
    {"lognormal": {"median_s": 0.5, "p95_s": 1.5, "shift_s": 0.2}}, {"gamma": {"mean_s": 1, "cv": 0.5}},
    {"pareto": {"minimum_s": 0.1, "alpha": 2.5}}, {"empirical": {"quantiles_s": [0.1, 0.4, 2]}},
    {"mixture": [{"exponential": {"mean_s": 1}, "weight": 3}, {"constant": {"value_s": 4}, "weight": 1}]},
])  # fmt: skip


def relief(scenario: Scenario, name: str) -> Relief:
    return next(each for each in reliefs_of(scenario) if each.name.startswith(name))


@settings(deadline=None)
@given(DISTS, st.floats(0.01, 0.99))
def test_less_latency_makes_every_draw_less_by_the_same_share(raw: dict[str, object], u: float) -> None:
    before = Dist.model_validate(raw)
    after = Dist.model_validate(shorter(before, 0.9))
    assert after.build().quantile(u) == pytest.approx(0.9 * before.build().quantile(u), abs=2e-6)


def test_a_process_brings_its_core_where_each_has_one_and_not_where_cores_are_short() -> None:
    own = relief(system(), "one API process").applied(system())
    assert (own.api.processes, own.api.cores) == (5, 5)
    short = system(api={"cores": 2})
    one_more = relief(short, "one API process").applied(short)
    assert (one_more.api.processes, one_more.api.cores) == (5, 2)
    assert relief(short, "one API core").applied(short).api.cores == 3


def test_what_has_no_room_says_why() -> None:
    scenario = system(controllers=[{"name": "sdn", "latency": {"bind": 0}}])
    reasons = {each.name: each.reason for each in reliefs_of(scenario) if each.reason}
    assert reasons == {
        "one API core more": "4 API processes compute on at most 4 of 4 cores",
        "one commit more in a flush": "a flush takes no time",
        "5 connections more in each pool": "15 workers of a process never need more than 15 of 15 connections",
        "twice the subnets": "no address is allocated",
        "10 % less bind latency": "no controller takes time to bind",
    }


@pytest.mark.parametrize(("tenants", "networks", "each"), [(50, 1, 1), (50, 2, 0), (1, 1, 0), (3, 2, 0), (1, 1, 3)])
def test_twice_the_subnets_are_at_least_twice_as_many(tenants: int, networks: int, each: int) -> None:
    scenario = system(
        topology={"tenants": tenants, "networks": networks, "subnets_per_tenant": each, "ip_allocation": True}
    )
    after = relief(scenario, "twice the subnets").applied(scenario)
    assert 2 * subnets_of(scenario) <= subnets_of(after) <= 3 * subnets_of(scenario)


def test_every_relief_of_every_shipped_storm_can_be_applied() -> None:
    scenario = load_scenario("boot_storm")
    applied = [each for each in reliefs_of(scenario) if not each.reason]
    assert len(applied) == 7
    for each in applied:
        assert each.applied(scenario) != scenario
