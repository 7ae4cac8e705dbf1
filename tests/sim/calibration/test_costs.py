"""Costs computed from timings that were made up: what they were made of comes back."""

import pytest

from sim.calibration.costs import Costs, costs_of
from sim.calibration.service import Service
from tests.sim.calibration.made_up import (
    BEGIN_US,
    CLIENT_US,
    FLUSH_US,
    SERVER_US,
    TRIP_US,
    calls,
    made_up,
    operations,
)

US = 1e-6


@pytest.fixture(scope="module")
def costs() -> Costs:
    return costs_of(made_up())


@pytest.mark.parametrize("name", ["port.lock", "port.update"])
def test_the_server_s_computing_comes_back_by_statement(costs: Costs, name: str) -> None:
    call = costs.statements[name]
    assert call.server.best.name.startswith("exponential")
    assert call.server_s == pytest.approx(SERVER_US[name] * US, rel=0.05)
    assert call.cpu_s == pytest.approx(CLIENT_US[name] * US, rel=0.02)


def test_begin_is_what_a_first_statement_costs_more(costs: Costs) -> None:
    assert costs.begin is not None
    assert costs.begin.cpu_s == pytest.approx(BEGIN_US["client"] * US)
    assert costs.begin.server_s == pytest.approx(BEGIN_US["server"] * US, abs=1 * US)


def test_where_begin_costs_nothing_there_is_none() -> None:
    found = costs_of(made_up(begins=False))
    assert found.begin is None
    assert found.statements["port.lock"].cpu_s == pytest.approx(CLIENT_US["port.lock"] * US)


def test_the_round_trip_and_the_flush_are_what_was_waited_for_no_core(costs: Costs) -> None:
    assert costs.round_trip_s == pytest.approx(TRIP_US * US, rel=0.01)
    assert costs.flush.best.name.startswith("exponential")
    assert float(costs.flush.column.values.mean()) == pytest.approx(FLUSH_US * US, rel=0.05)


def test_without_the_server_s_clock_execution_is_what_lasts_longer_than_nothing() -> None:
    found = costs_of(made_up(knows_server=False))
    least = SERVER_US["select 1"] * 0.69  # the median of what SELECT 1 computes is in the round trip
    assert found.round_trip_s == pytest.approx((TRIP_US + least) * US, rel=0.05)
    assert found.statements["port.update"].server_s == pytest.approx((SERVER_US["port.update"] - least) * US, rel=0.1)


@pytest.mark.parametrize(
    ("rates", "slots"),
    [
        ([4000, 5000, 5000, 5000], 1),  # 1 / 200 us, whatever the number of writers: one flush each
        ([4000, 7000, 12000, 20000], 8),
        ([1000, 1500, 1600, 1700], 8),  # something else was the limit
    ],
)
def test_commit_slots_say_whether_flushes_are_shared(rates: list[float], slots: int) -> None:
    assert costs_of(made_up(rates_per_s=rates)).commit_slots == slots


def test_the_core_s_own_computing_is_divided_into_inside_and_outside_transactions(costs: Costs) -> None:
    assert costs.inside_per_statement_s == pytest.approx(20 * US)  # 40 us for two statements
    assert costs.cpu_s("get_port") == pytest.approx(110 * US)  # and 10 us for giving the connection back
    assert costs.cpu_s_of(costs.statements["port.update"]) == pytest.approx(60 * US)


def test_what_is_measured_in_service_goes_before_what_was_on_an_idle_machine() -> None:
    busy = {key: found for key, found in calls(times=1.5).items() if key[0] != "select 1"}
    service = Service(
        calls=busy, operations=operations(outside_us=200), rest_s=30 * US, load_s=80 * US, server_s=5 * US,
        rate_per_s=100,
    )  # fmt: skip
    found = costs_of(made_up(service=service))
    assert found.statements["port.update"].cpu_s == pytest.approx(1.5 * CLIENT_US["port.update"] * US)
    assert found.statements["port.update"].server_s == pytest.approx(1.5 * SERVER_US["port.update"] * US, rel=0.05)
    assert found.begin is not None
    assert found.begin.cpu_s == pytest.approx(1.5 * BEGIN_US["client"] * US)
    assert found.cpu_s("get_port") == pytest.approx((200 + 15 + 30) * US)
    assert found.unseen_s == pytest.approx((5 + 1.5 * SERVER_US["close"]) * US, rel=0.05)
    assert found.round_trip_s == pytest.approx(TRIP_US * US, rel=0.01)
