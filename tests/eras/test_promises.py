"""No preset and no single policy breaks, in drawn runs with faults, what core.binding.promises says that it keeps."""

from contextlib import suppress
from dataclasses import fields
from enum import StrEnum
from random import Random
from typing import Any

import pytest
from pydantic import ValidationError

from core.binding import PRESETS, BindingStrategy
from core.binding.policies import Where
from sim.scenario import ERAS, Strategy
from tests.eras.soaked import broken_promises

POLICIES: list[tuple[str, Any]] = [
    ("where", "under_lease"),
    ("first_read", "plain"),
    ("first_read", "compare_and_swap"),
    ("second_read", "plain"),
    ("second_read", "compare_and_swap"),
    ("updated_columns", "changed"),
    ("concurrency_check", "values"),
    ("concurrency_check", "none"),
    ("input_change", "host_given"),
    ("input_change", "absent_profile_is_empty"),
    ("attempted_when", "inputs_changed"),
    ("attempted_when", "unbound"),
    ("update_resets_failed", False),
    ("unbinding_sets_down", False),
    ("binding_raises_revision", False),
    ("failed_round", "go_round"),
    ("shared_limit", True),
    ("loser_notifies", False),
    ("reads_bind", "device_details"),
    ("reads_bind", False),
    ("process_lock", "all"),
    ("process_lock", "update_and_delete"),
    ("process_lock", "delete_and_status"),
    ("conflict_repeats", "binding"),
    ("conflict_repeats", "operation"),
    ("conflict_repeats", "nothing"),
    ("update_postcommit_error", "log"),
    ("unbinds_driver", True),
    ("validates_binding", True),
    ("delete_order", "reverse"),
    ("revived_agent", "rebinds"),
    ("activation", "stale"),
    ("binding_row", "on_demand"),
]
MENDED = [
    {"base": "neutron-2026.1", "first_read": "for_update"},
    {"base": "neutron-2026.1", "first_read": "compare_and_swap"},
    {"base": "in-transaction", "first_read": "compare_and_swap"},
    {"base": "deferred", "first_read": "compare_and_swap", "second_read": "compare_and_swap"},
]


def drawn(seed: int) -> dict[str, Any]:
    """A preset with about every fourth policy drawn anew, that a scenario may have."""
    random = Random(seed)
    while True:
        raw: dict[str, Any] = {"name": "drawn", "base": random.choice(tuple(PRESETS))}
        for policy in dict(POLICIES):
            words = [value for name, value in POLICIES if name == policy]
            if random.random() < 0.25:
                raw[policy] = random.choice(words)
        with suppress(ValidationError):
            made = Strategy.model_validate(raw).policies
            # not yet kept under a lease: another's failure is called a change of inputs; and a port whose binding row
            # is only made on demand is decided upon without the read that the checker wants to see
            broken = made.attempted_when == "unbound" or made.binding_row == "on_demand"
            if not (made.where == "under_lease" and broken):
                return raw


@pytest.mark.parametrize("name", ERAS)
def test_a_release_keeps_what_it_promises_in_a_hundred_runs(name: str) -> None:
    assert broken_promises({"name": name, "base": name}, runs=100) == {}


@pytest.mark.slow
@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_keeps_what_it_promises_in_four_hundred_runs(name: str) -> None:
    assert broken_promises({"name": name, "base": name}, runs=400, first=100) == {}


@pytest.mark.slow
@pytest.mark.parametrize(("policy", "value"), POLICIES, ids=[f"{policy}-{value}" for policy, value in POLICIES])
def test_deferred_with_one_policy_changed_keeps_what_is_left_of_its_promises(policy: str, value: Any) -> None:
    assert broken_promises({"name": "one", "base": "deferred", policy: value}, runs=100) == {}


@pytest.mark.slow
@pytest.mark.parametrize("strategy", MENDED, ids=["-".join(map(str, each.values())) for each in MENDED])
def test_what_mends_a_release_keeps_what_is_promised_of_it(strategy: dict[str, Any]) -> None:
    assert broken_promises({"name": "mended", **strategy}, runs=150) == {}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_policies_together_give_up_no_more_than_what_is_told_of_them(seed: int) -> None:
    for number in range(20):
        strategy = drawn(100 * seed + number)
        assert broken_promises(strategy, runs=12, first=1000 * seed) == {}, strategy


def test_every_word_of_every_policy_is_tried() -> None:
    tried = {
        (name, getattr(Strategy.model_validate({"base": "deferred", name: value}).policies, name))
        for name, value in POLICIES
    }
    words = {(each.name, word) for each in fields(BindingStrategy) for word in _others(each.default)}
    assert tried == words - {("where", Where.INSIDE)}  # the preset in-transaction, since reads may not bind then


def _others(default: object) -> list[object]:
    """The other answers to a policy's question than that of `deferred`."""
    if isinstance(default, StrEnum):
        return [word for word in type(default) if word is not default]
    return [not default] if isinstance(default, bool) else []
