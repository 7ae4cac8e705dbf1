"""The scripts of interleavings over a real engine: it never has to wait, and the log is that over SQLite."""

import pytest
from hypothesis import HealthCheck, given, settings

from sim.database import INNODB, POSTGRESQL, Profile, StoreMaker
from tests.interleavings.on_model import play_on_model
from tests.interleavings.random_scripts import scripts
from tests.interleavings.script import Script, scripts_of, themes

pytestmark = pytest.mark.databases

EXAMPLES = 100
_SHARED = [HealthCheck.function_scoped_fixture]  # a storage is empty before each script
random_ones = settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=_SHARED)


def check_same(script: Script, profile: Profile, storage: StoreMaker) -> None:
    assert play_on_model(script, profile, storage) == play_on_model(script, profile), script.name


@pytest.mark.parametrize("theme", themes())
def test_the_scripts_of_a_theme_over_postgresql(theme: str, in_postgresql: StoreMaker) -> None:
    for script in scripts_of(theme):
        check_same(script, POSTGRESQL, in_postgresql)


@pytest.mark.parametrize("theme", themes())
def test_the_scripts_of_a_theme_over_mariadb(theme: str, in_mariadb: StoreMaker) -> None:
    for script in scripts_of(theme):
        check_same(script, INNODB, in_mariadb)


@random_ones
@given(scripts(longest=30))
def test_random_scripts_over_postgresql(in_postgresql: StoreMaker, script: Script) -> None:
    check_same(script, POSTGRESQL, in_postgresql)


@random_ones
@given(scripts(longest=30))
def test_random_scripts_over_mariadb(in_mariadb: StoreMaker, script: Script) -> None:
    check_same(script, INNODB, in_mariadb)
