"""Calibrating on real servers: every statement of the core is seen, and the blocks drive a simulation."""

from collections.abc import Iterator

import pytest

from core.schema import metadata
from sim.calibration import Calibration, calibrate
from sim.scenario import load_scenario, parse_scenario, resolved
from sim.servers import RunDatabase
from sim.simulation import run
from tests.sim.model.tiny import tiny

pytestmark = [pytest.mark.databases, pytest.mark.alone]

SAMPLES = 20


@pytest.fixture
def empty(database: RunDatabase) -> Iterator[RunDatabase]:
    yield database
    engine = database.engine()
    metadata.drop_all(engine)
    engine.dispose()


def test_what_is_measured_is_complete_and_drives_a_simulation(empty: RunDatabase) -> None:
    told: list[tuple[str, float]] = []
    found = calibrate(empty, samples=SAMPLES, on_progress=lambda what, share: told.append((what, share)))
    _is_complete(found, empty.kind)
    data = resolved(load_scenario("live_migration", ["horizon.duration_s=2"]))
    scenario = parse_scenario(data | {key: data[key] | block for key, block in found.blocks().items()})
    assert run(scenario, strategy="deferred").outcome == "ok"
    assert {"tables", "round trip", "in-transaction", "deferred", "commits", "fits"} <= {what for what, _ in told}
    assert all(0 <= share <= 1 for _, share in told)


def _is_complete(found: Calibration, kind: str) -> None:
    frame = found.frame().set_index("call")
    assert {"port.lock", "port.insert", "binding.update", "port.delete", "port.read", "commit"} <= set(frame.index)
    assert (frame.loc["port.lock", ["lasts_s", "client_cpu_s", "server_cpu_s"]] > 0).all()
    assert ("begin" in frame.index) is (kind == "postgresql")  # psycopg sends it by itself, pymysql does not
    assert found.circumstances.knows_server  # a private server is on this machine
    assert found.blocks()["database"]["on_api_machine"] is True
    assert len(found.data()["operations"]) == 10  # five kinds under two strategies


def test_a_scenario_is_measured_in_service(empty: RunDatabase) -> None:
    scenario = tiny(
        horizon={"duration_s": 2.0, "drain_limit_s": 20},
        workload={
            "arrivals": {"constant": {"rate_per_s": 40}},
            "operations": [{"operation": "update_port", "change": "host"}],
            "ports": {"initial": 50, "bound": True},
        },
        controllers=[{"name": "sdn", "latency": {"bind": 0.001}}],
        strategies=["deferred"],
    )
    found = calibrate(empty, samples=SAMPLES, strategies=["deferred"], scenario=scenario)
    service = found.measured.service
    assert service is not None
    assert list(service.operations) == [("deferred", "update_port")]
    assert len(service.operations["deferred", "update_port"]) == pytest.approx(80, abs=5)
    assert service.load_s > 0
    assert service.rest_s > 0
    api = found.blocks()["api"]
    assert {"load_cpu_s", "background_cpu_s"} <= set(api)
    assert list(api["operations_cpu_s"]) == ["update_port"]


def test_a_calibration_is_taken_into_service_later(empty: RunDatabase) -> None:
    idle = calibrate(empty, samples=SAMPLES, strategies=["deferred"])
    scenario = tiny(
        horizon={"duration_s": 2.0, "drain_limit_s": 20},
        workload={
            "arrivals": {"constant": {"rate_per_s": 40}},
            "operations": [{"operation": "get_port"}],
            "ports": {"initial": 50, "bound": True},
        },
        strategies=["in-transaction"],
    )
    busy = idle.in_service(scenario, empty)
    assert list(busy.blocks()["api"]["operations_cpu_s"]) == ["get_port"]
    assert busy.blocks()["database"]["flush_s"] == idle.blocks()["database"]["flush_s"]
    assert busy.circumstances.scenario == scenario.name
