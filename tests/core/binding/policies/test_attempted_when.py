"""For which ports drivers are asked."""

import pytest

from core.binding.policies import AttemptedWhen
from core.records import PortBinding

UNBOUND, FAILED = PortBinding("h1"), PortBinding("h1", vif_type="binding_failed")
BOUND, NOWHERE = PortBinding("h1", vif_type="ovs"), PortBinding()


@pytest.mark.parametrize(
    ("policy", "wanted"),
    [
        (AttemptedWhen.INPUTS_CHANGED, []),
        (AttemptedWhen.UNBOUND, [UNBOUND]),
        (AttemptedWhen.NOT_BOUND, [UNBOUND, FAILED]),
    ],
)
def test_a_port_whose_inputs_have_not_changed(policy: AttemptedWhen, wanted: list[PortBinding]) -> None:
    assert [binding for binding in (UNBOUND, FAILED, BOUND, NOWHERE) if policy.wants(binding)] == wanted


@pytest.mark.parametrize("policy", AttemptedWhen)
def test_a_changed_input_is_attempted_by_all_but_without_a_host_by_none(policy: AttemptedWhen) -> None:
    assert policy.wants(UNBOUND, changed=True)
    assert not policy.wants(NOWHERE, changed=True)
    assert not policy.wants(BOUND, changed=True)
