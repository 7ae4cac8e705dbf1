"""How a port changes: pure functions over records."""

from typing import Any

import pytest

from core.binding.attempt import Attempt
from core.binding.changes import with_inputs, with_result
from core.binding.policies import ConcurrencyCheck
from core.context import BindingResult
from core.records import Port, PortBinding

UNBOUND = Port("p", "n", "", "fa:00:00:00:00:00", 1, "DOWN", "", "", 3, PortBinding("h1", generation=5))
FAILED = UNBOUND._replace(binding=UNBOUND.binding._replace(vif_type="binding_failed"))
BOUND = UNBOUND._replace(
    status="ACTIVE",
    binding=UNBOUND.binding._replace(vif_type="ovs", vif_details="{}", driver="sdn", segment_id="s"),
)


def given(port: Port, **inputs: Any) -> Port:
    return with_inputs(port, **{"host": "h1", "vnic_type": "normal", "profile": "", **inputs})


@pytest.mark.parametrize("inputs", [{"host": "h2"}, {"host": ""}, {"vnic_type": "direct"}, {"profile": "{}"}], ids=str)
@pytest.mark.parametrize("port", [UNBOUND, FAILED, BOUND], ids=["unbound", "failed", "bound"])
def test_a_changed_input_unbinds_and_makes_one_generation(port: Port, inputs: dict[str, str]) -> None:
    changed = given(port, **inputs)
    expected = UNBOUND.binding._replace(generation=6, **inputs)
    assert changed == UNBOUND._replace(binding=expected, status="DOWN")


def test_equal_inputs_leave_a_binding_and_turn_a_failure_back_without_a_generation() -> None:
    assert given(BOUND) == BOUND
    assert given(UNBOUND) == UNBOUND
    assert given(FAILED) == UNBOUND


def test_what_is_forced_unbinds_without_a_change_and_only_a_binding_that_goes_makes_a_generation() -> None:
    assert given(BOUND, forced=True) == UNBOUND._replace(binding=UNBOUND.binding._replace(generation=6))
    assert given(UNBOUND, forced=True) == given(FAILED, forced=True, resets_failed=False) == UNBOUND


def test_a_failure_that_is_not_reset_stays_until_an_input_changes() -> None:
    assert given(FAILED, resets_failed=False) == FAILED
    assert given(FAILED, resets_failed=False, host="h2").binding.vif_type == "unbound"


def test_no_level_of_a_binding_outlives_it() -> None:
    deep = BOUND._replace(binding=BOUND.binding._replace(upper_levels='[["tor","t"]]'))
    assert given(deep) == deep
    assert given(deep, host="h2").binding.levels == ()


def test_unbinding_sets_down_and_a_port_without_a_binding_keeps_its_status() -> None:
    building = UNBOUND._replace(status="BUILD")
    assert given(building, host="h2").status == "BUILD"
    assert given(BOUND._replace(status="BUILD"), host="h2").status == "DOWN"


def test_a_binding_makes_a_generation_and_a_failure_does_not() -> None:
    result = BindingResult("s", "ovs", "{}", "ACTIVE")
    for port in (UNBOUND, FAILED):
        assert with_result(port, Attempt(port, result, "sdn")) == BOUND._replace(
            binding=BOUND.binding._replace(generation=6)
        )
        assert with_result(port, Attempt(port, None, None)) == FAILED


def test_a_binding_has_the_levels_above_it() -> None:
    result = BindingResult("s", "ovs", "{}", None, '[["tor","t"]]')
    assert with_result(UNBOUND, Attempt(UNBOUND, result, "sdn")).binding.levels == (("tor", "t"), ("sdn", "s"))


def test_a_binding_without_a_status_leaves_it() -> None:
    result = BindingResult("s", "ovs", "{}", None)
    assert with_result(UNBOUND, Attempt(UNBOUND, result, "sdn")).status == "DOWN"


def test_a_revision_grows_by_one() -> None:
    assert BOUND.with_next_revision() == BOUND._replace(revision_number=4)


def test_the_checks_see_what_they_look_at() -> None:
    a, b = PortBinding("h1", generation=1), PortBinding("h2", generation=2)
    back, failed = PortBinding("h1", generation=3), PortBinding("h1", vif_type="binding_failed", generation=1)
    generation, values = ConcurrencyCheck.GENERATION, ConcurrencyCheck.VALUES
    assert [generation.unchanged(a, other) for other in (a, b, back, failed)] == [True, False, False, True]
    assert [values.unchanged(a, other) for other in (a, b, back, failed)] == [True, False, True, True]
    assert all(ConcurrencyCheck.NONE.unchanged(a, other) for other in (a, b, back, failed))


@pytest.mark.parametrize("inputs", [{"host": "h2"}, {"vnic_type": "direct"}, {"profile": "{}"}], ids=str)
def test_values_are_all_three_inputs(inputs: dict[str, str]) -> None:
    assert not ConcurrencyCheck.VALUES.unchanged(UNBOUND.binding, UNBOUND.binding._replace(**inputs))
