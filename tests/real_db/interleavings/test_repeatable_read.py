"""REPEATABLE READ on MariaDB: snapshots and gap locks. The model has neither, so the logs stand with the scripts."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.interleavings.script import Script, scripts_of
from tests.real_db.interleavings.on_engine import EnginePlayer, played_as, superuser_of

pytestmark = pytest.mark.databases

FOLDER = Path(__file__).parent
PLAIN = scripts_of("repeatable_read", FOLDER)
STRICT = scripts_of("snapshot_isolation", FOLDER)


def repeatable(mariadb, setting: str) -> EnginePlayer:
    address = replace(superuser_of(mariadb), isolation="repeatable_read")
    return EnginePlayer(address.engine, settings=[f"SET SESSION innodb_snapshot_isolation = {setting}"])


@pytest.fixture(scope="module")
def plain_player(mariadb) -> Iterator[EnginePlayer]:
    player = repeatable(mariadb, "OFF")
    yield player
    player.close()


@pytest.fixture(scope="module")
def strict_player(mariadb) -> Iterator[EnginePlayer]:
    player = repeatable(mariadb, "ON")
    yield player
    player.close()


@pytest.mark.parametrize("script", PLAIN, ids=lambda script: script.name)
def test_reads_are_of_a_snapshot_and_locks_are_of_gaps(script: Script, plain_player: EnginePlayer) -> None:
    log = [*script.log]
    assert played_as(plain_player, script, log) == log


@pytest.mark.parametrize("script", STRICT, ids=lambda script: script.name)
def test_with_snapshot_isolation_what_has_changed_is_refused(script: Script, strict_player: EnginePlayer) -> None:
    log = [*script.log]
    assert played_as(strict_player, script, log) == log
