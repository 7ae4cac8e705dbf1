"""The scripts on the modelled database, without any server."""

import pytest

from sim.database import INNODB, POSTGRESQL, Profile
from tests.interleavings.on_model import play_on_model
from tests.interleavings.script import Script, scripts_of, themes

SCRIPTS = [script for theme in themes() for script in scripts_of(theme)]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
@pytest.mark.parametrize("profile", [INNODB, POSTGRESQL], ids=lambda profile: profile.name)
def test_a_script_plays_to_its_end_and_the_same_each_time(script: Script, profile: Profile) -> None:
    assert play_on_model(script, profile) == play_on_model(script, profile)
