"""Which updates change the inputs of a binding."""

import pytest

from core.binding.policies import InputChange
from core.records import PortBinding

BINDING = PortBinding("h1", "normal", '{"a":1}', "ovs")


@pytest.mark.parametrize(
    ("attributes", "forcing"),
    [
        ({"name": "web"}, {InputChange.ABSENT_PROFILE_IS_EMPTY}),
        ({"binding:host_id": "h1"}, {InputChange.HOST_GIVEN, InputChange.ABSENT_PROFILE_IS_EMPTY}),
        ({"binding:vnic_type": "direct"}, {InputChange.ABSENT_PROFILE_IS_EMPTY}),
    ],
)
def test_what_unbinds_a_port_even_if_no_value_differs(attributes: dict[str, str], forcing: set[InputChange]) -> None:
    assert {policy for policy in InputChange if policy.forces(attributes)} == forcing


@pytest.mark.parametrize("policy", InputChange)
def test_what_is_given_becomes_the_input(policy: InputChange) -> None:
    given = {"binding:host_id": "h2", "binding:vnic_type": "direct", "binding:profile": ""}
    assert policy.inputs(BINDING, given) == ("h2", "direct", "")


def test_a_profile_that_is_not_given_is_wiped_by_one_of_them() -> None:
    left = {policy: policy.inputs(BINDING, {"name": "web"}) for policy in InputChange}
    assert left.pop(InputChange.ABSENT_PROFILE_IS_EMPTY) == ("h1", "normal", "")
    assert set(left.values()) == {BINDING.inputs}
