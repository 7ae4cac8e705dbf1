"""LoggerDriver: one line a call, with both states; silent when nobody listens."""

import logging

import pytest

from core.binding import DEFERRED
from core.drivers.logger import LoggerDriver
from tests.core.worlds import World

LOGGER = "core.drivers.logger.tale"


def test_every_call_is_one_line_with_both_states(caplog: pytest.LogCaptureFixture) -> None:
    world = World(DEFERRED)
    world.sdn.binds = False
    plugin = world.another_plugin(DEFERRED, more_drivers=[LoggerDriver(name="tale", level=logging.INFO)])
    with caplog.at_level(logging.INFO, LOGGER):
        port = plugin.create_port({"network_id": world.network.id, "binding:host_id": "h1"})
        plugin.delete_port(port["id"])
    lines = [record.getMessage() for record in caplog.records if record.name == LOGGER]
    assert [line.split(":")[0] for line in lines] == [
        "create_port_precommit", "create_port_postcommit", "bind_port",
        "update_port_precommit", "update_port_postcommit", "delete_port_precommit", "delete_port_postcommit",
    ]  # fmt: skip
    assert port["id"] in lines[0]
    assert "original None" in lines[0]
    assert "'binding_failed'" in lines[3]
    assert "'unbound'" in lines[3]


def test_nothing_is_written_when_the_level_is_off(caplog: pytest.LogCaptureFixture) -> None:
    world = World(DEFERRED)
    plugin = world.another_plugin(DEFERRED, more_drivers=[LoggerDriver(name="tale")])
    with caplog.at_level(logging.INFO, LOGGER):
        plugin.create_port({"network_id": world.network.id})
    assert [record for record in caplog.records if record.name == LOGGER] == []
