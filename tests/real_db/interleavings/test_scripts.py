"""Every script on both engines: they do what is recorded of them, with which the model is compared."""

import pytest

from tests.interleavings.recorded import SCRIPTS, recorded
from tests.interleavings.script import Script
from tests.real_db.interleavings.on_engine import EnginePlayer, played_as

pytestmark = pytest.mark.databases


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_the_engine_does_what_is_recorded_of_it(script: Script, engine_name: str, player: EnginePlayer) -> None:
    log = recorded(engine_name)[script.name]
    assert played_as(player, script, log) == log
