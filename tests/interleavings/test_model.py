"""The modelled database plays every script as the engines did when they were last asked; no server is needed."""

from pathlib import Path

import pytest

from sim.database import INNODB, POSTGRESQL, PROFILES, Profile
from tests.interleavings.differences import differences
from tests.interleavings.on_model import play_on_model
from tests.interleavings.recorded import ENGINES, SCRIPTS, recorded
from tests.interleavings.script import Script

every_script = pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)


@every_script
@pytest.mark.parametrize("engine", ENGINES)
def test_the_model_does_what_the_engine_did(script: Script, engine: str) -> None:
    log = play_on_model(script, PROFILES[ENGINES[engine]])
    difference = differences().get((script.name, engine))
    if difference is not None and difference.kind == "stays":
        assert log != recorded(engine)[script.name], "no difference any more: take it out of differences.yaml"
    else:
        assert log == recorded(engine)[script.name]


@every_script
@pytest.mark.parametrize("profile", [INNODB, POSTGRESQL], ids=lambda profile: profile.name)
def test_a_script_comes_out_the_same_each_time(script: Script, profile: Profile) -> None:
    assert play_on_model(script, profile) == play_on_model(script, profile)


def test_every_script_is_recorded_and_every_difference_is_of_a_script() -> None:
    names = [script.name for script in SCRIPTS]
    assert len(set(names)) == len(names)
    for engine in ENGINES:
        assert list(recorded(engine)) == names
    assert {name for name, _ in differences()} <= set(names)
    assert {engine for _, engine in differences()} <= set(ENGINES)


def test_the_documentation_lists_every_script_and_difference() -> None:
    text = (Path(__file__).parents[2] / "docs" / "interleavings.md").read_text(encoding="utf-8")
    for script in SCRIPTS:
        assert f"| {script.name} | {script.tells} |" in text
    for difference in differences().values():
        assert f"| {difference.script} | {difference.engine} | {difference.kind} | {difference.reason} |" in text


def test_what_is_recorded_has_waits_errors_and_every_verb() -> None:
    text = "\n".join(line for engine in ENGINES for lines in recorded(engine).values() for line in lines)
    for word in ("waits for", "Deadlock", "DuplicateKey", "MissingParent", "LockWaitTimeout", "is gone", "is new"):
        assert text.count(word) >= 2, word
