import pytest

from sim.scenario import load_scenario
from sim.servers import RunDatabase
from sim.validation import Plan, validate

pytestmark = [pytest.mark.databases, pytest.mark.alone]


def test_a_small_scenario_is_measured_and_predicted_on_a_real_server(database: RunDatabase) -> None:
    small = ["horizon={duration_s: 2}", "api.processes=1", "api.threads=4", "database.pool.size=4"]
    plan = Plan(strategies=["deferred"], loads=[0.3], replications=1, samples=20)
    found = validate(load_scenario("validation", overrides=small), database, plan)
    rows = {row.metric: row for row in found.rows}
    assert found.capacities["deferred"] > 5
    assert found.cells[0].calibrated.database.on_api_machine
    for metric in ("throughput_per_s.all.mean", "latency_s.all.p50", "hold_time_s.p50"):
        assert rows[metric].measured is not None
        assert rows[metric].predicted is not None
    assert rows["throughput_per_s.all.mean"].error == pytest.approx(0, abs=0.2)
