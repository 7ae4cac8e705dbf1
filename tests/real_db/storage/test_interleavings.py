"""The scripts of interleavings over a real engine: it never has to wait, and the log is that over SQLite."""

import pytest
from hypothesis import HealthCheck, given, settings

from sim.database import INNODB, POSTGRESQL, Profile, StoreMaker
from sim.database.engine_storage import EngineBlocked
from tests.interleavings.on_model import play_on_model
from tests.interleavings.random_scripts import scripts
from tests.interleavings.script import Script, scripts_of, themes

pytestmark = pytest.mark.databases

EXAMPLES = 100
_SHARED = [HealthCheck.function_scoped_fixture]  # a storage is empty before each script
random_ones = settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=_SHARED)


BESIDE_A_DUPLICATE = "a MAC address beside one that was refused"
"""InnoDB's next-key lock on a duplicate, which the model does not have: tests/interleavings/differences.yaml."""


def check_same(script: Script, profile: Profile, storage: StoreMaker) -> None:
    assert play_on_model(script, profile, storage) == play_on_model(script, profile), script.name


@pytest.mark.parametrize("theme", themes())
def test_the_scripts_of_a_theme_over_postgresql(theme: str, in_postgresql: StoreMaker) -> None:
    for script in scripts_of(theme):
        check_same(script, POSTGRESQL, in_postgresql)


@pytest.mark.parametrize("theme", themes())
def test_the_scripts_of_a_theme_over_mariadb(theme: str, in_mariadb: StoreMaker) -> None:
    for script in scripts_of(theme):
        if script.name != BESIDE_A_DUPLICATE:
            check_same(script, INNODB, in_mariadb)


def test_what_the_model_does_not_have_of_mariadb_makes_it_wait(in_mariadb: StoreMaker) -> None:
    script = next(script for script in scripts_of("unique_keys") if script.name == BESIDE_A_DUPLICATE)
    with pytest.raises(EngineBlocked, match="mac-p1x"):
        play_on_model(script, INNODB, in_mariadb)


@random_ones
@given(scripts(longest=30))
def test_random_scripts_over_postgresql(in_postgresql: StoreMaker, script: Script) -> None:
    check_same(script, POSTGRESQL, in_postgresql)


@random_ones
@given(scripts(longest=30))
def test_random_scripts_over_mariadb(in_mariadb: StoreMaker, script: Script) -> None:
    try:
        check_same(script, INNODB, in_mariadb)
    except EngineBlocked:
        assert any("DuplicateKey" in line for line in play_on_model(script, INNODB)), script
