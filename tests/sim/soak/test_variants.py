"""A soak over given files: their strategies and faults are kept, and more faults are drawn."""

from collections.abc import Iterator

import pytest

from sim.scenario import Scenario, load_scenario, parse_scenario, shipped_names
from sim.simulation import many_runs
from sim.soak import Case, SoakSettings, play, soak
from sim.soak.variants import draw_from
from tests.sim.soak.small_cases import SMALL, create, fault, small_case

OWN = fault("failover", at_s=1.0, pause_s=0.5)["faults"][0]
TWO_STRATEGIES = [{"name": "mine", "base": "deferred"}, {"name": "old", "base": "in-transaction"}]
CASES = 60


def scenario(**changes: object) -> Scenario:
    """A small scenario as a file gives it."""
    return parse_scenario(small_case(create(), **changes).data, name="given")


def drawn(*scenarios: Scenario) -> Iterator[Case]:
    """Some cases of a soak over them."""
    draw = draw_from(list(scenarios))
    return (draw(1, number) for number in range(CASES))


def test_each_case_has_one_of_the_strategies_of_the_file() -> None:
    names = [case.scenario().strategies for case in drawn(scenario(strategies=TWO_STRATEGIES))]
    assert {len(each) for each in names} == {1}
    assert {each[0].name for each in names} == {"mine", "old"}


def test_the_faults_of_the_file_are_kept_and_others_come_to_them() -> None:
    (own,) = scenario(faults=[OWN]).faults
    faults = [case.scenario().faults for case in drawn(scenario(faults=[OWN]))]
    assert all(each[0] == own for each in faults)
    assert {len(each) for each in faults} >= {1, 2, 3}


def test_files_take_turns() -> None:
    one, other = scenario(), scenario(topology={"hosts": 7})
    assert [case.data["topology"]["hosts"] for case in drawn(one, other)][:4] == [2, 7, 2, 7]


def test_the_same_seed_and_number_give_the_same_case_and_the_file_is_left_alone() -> None:
    draw = draw_from([scenario(faults=[OWN])])
    assert draw(1, 3) == draw(1, 3)
    assert draw(1, 3) != draw(2, 3)
    draw(1, 4).data["faults"].clear()
    assert draw(1, 4).data["faults"]


def test_the_order_of_ties_is_drawn() -> None:
    assert {case.data["horizon"]["ties"] for case in drawn(scenario())} == {"scheduled", "drawn"}


def test_what_a_file_promises_of_metrics_is_left_out() -> None:
    threshold = {"metric": "latency_s.all.p95", "at_most": 1, "strategies": ["mine"]}
    given = scenario(strategies=TWO_STRATEGIES, thresholds=[threshold])
    assert all(case.scenario().thresholds == () for case in drawn(given))


def test_a_client_of_little_patience_is_not_given_less() -> None:
    given = scenario(workload={"client": {"timeout_s": 0.05, "on_timeout": "give_up"}})
    kinds = {kind for case in drawn(given) for each in case.data["faults"] for kind in each}
    assert "impatience" not in kinds
    assert len(kinds) > 3


@pytest.mark.parametrize("name", shipped_names())
def test_cases_of_a_shipped_scenario_are_valid(name: str) -> None:
    for case in drawn(load_scenario(name)):
        assert case.scenario().question == load_scenario(name).question


def test_a_soak_over_a_file_plays_it_and_asks_for_no_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.soak.campaign.COVERED_FROM", 1)
    settings = SoakSettings(runs=3, draw=draw_from([scenario()]), chunk=1, every_line=False)
    result = soak(settings)
    assert (result.tally.runs, result.uncovered, result.failed) == (3, [], False)
    assert {strategy for strategy, _ in result.tally.promised} == {SMALL["strategies"][0]["name"]}


def test_a_case_of_a_file_can_be_played() -> None:
    with many_runs():
        assert play(draw_from([scenario()])(1, 0)).coverage["4a binding committed"] == 1
