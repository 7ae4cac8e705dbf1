"""The presets: what their docstrings say is what they are, and what they promise follows from their policies."""

import importlib
import re
from dataclasses import fields

import pytest

from core.binding import DEFERRED, PRESETS, BindingStrategy, promises_of
from core.binding.promises import AGREEMENT, CONVERGENCE, PROPERTIES

ERAS = {name: preset for name, preset in PRESETS.items() if name in ("havana", "icehouse", "juno", "neutron-2026.1")}
_ROW = re.compile(r"^\| (\w+) \| (\w+) \| (\w+) \|", re.MULTILINE)


def word(value: object) -> str:
    """A policy as the tables have it."""
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def differences(preset: BindingStrategy) -> dict[str, tuple[str, str]]:
    """Policy: its word here and in `deferred`."""
    pairs = {each.name: (getattr(preset, each.name), getattr(DEFERRED, each.name)) for each in fields(preset)}
    return {name: (word(a), word(b)) for name, (a, b) in pairs.items() if name != "name" and a != b}


@pytest.mark.parametrize("name", ERAS)
def test_the_table_of_a_preset_says_how_it_differs_from_deferred(name: str) -> None:
    module = importlib.import_module(f"core.binding.presets.{re.sub(r'[-.]', '_', name)}")
    told = {policy: (here, deferred) for policy, here, deferred in _ROW.findall(module.__doc__ or "")}
    assert told.pop("policy") == ("here", "deferred")
    assert told == differences(ERAS[name])


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_states_its_promises(name: str) -> None:
    module = importlib.import_module(f"core.binding.presets.{re.sub(r'[-.]', '_', name)}")
    told = re.search(r"^Promises \(core.binding.promises\): (.+)\.$", module.__doc__ or "", re.MULTILINE)
    assert told is not None
    assert told[1] == (", ".join(promises_of(PRESETS[name])) or "none")


def test_every_name_is_that_of_its_preset() -> None:
    assert all(preset.name == name for name, preset in PRESETS.items())


@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda preset: preset.name)
def test_no_preset_promises_agreement_nor_more_than_deferred(preset: BindingStrategy) -> None:
    assert set(promises_of(preset)) <= set(promises_of(DEFERRED)) == set(PROPERTIES) - {AGREEMENT}
    assert (CONVERGENCE in promises_of(preset)) == (preset.name in ("deferred", "serialized"))
