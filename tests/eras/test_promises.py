"""No preset and no single policy breaks, in drawn runs with faults, what core.binding.promises says that it keeps."""

from typing import Any

import pytest

from core.binding import PRESETS
from sim.scenario import ERAS, Strategy
from tests.eras.soaked import broken_promises

POLICIES: list[tuple[str, Any]] = [
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


def test_every_word_of_every_policy_is_tried() -> None:
    tried = {policy for policy, _ in POLICIES} | {"where", "max_attempts", "lease_s", "lease_poll_s", "name", "base"}
    assert tried == set(Strategy.model_fields)
