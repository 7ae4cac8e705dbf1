"""PortContext: set_binding's checks, and what a snapshot lets a driver see."""

from typing import Any

import pytest

from core.constants import PORT_STATUSES
from core.context import PortContext
from core.exceptions import InvalidBinding
from core.records import Network, Port, PortBinding, Segment

SEGMENTS = (Segment("s1", "n", "vlan", "physnet1", 7), Segment("s2", "n", "vxlan", None, 8))
NETWORK = Network("n", "net", SEGMENTS)
UNBOUND = Port("p", "n", "", "fa:00:00:00:00:00", 1, "DOWN", "", "", 1, PortBinding("h1", profile='{"a":1}'))
BOUND = UNBOUND._replace(
    binding=UNBOUND.binding._replace(vif_type="ovs", vif_details='{"b":2}', driver="sdn", segment_id="s2")
)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("strange", "ovs", {}), r"set_binding got segment_id 'strange'; allowed is one of network n's .*'s1', 's2'"),
        ((None, "ovs", {}), "segment_id None"),
        (("s1", "unbound", {}), "vif_type 'unbound'; allowed is a name other than 'unbound' and 'binding_failed'"),
        (("s1", "binding_failed", {}), "vif_type 'binding_failed'"),
        (("s1", "", {}), "vif_type ''"),
        (("s1", None, {}), "vif_type None"),
        (("s1", 5, {}), "vif_type 5"),
        (("s1", "v" * 65, {}), "vif_type 'vvv.*at most 64 characters long"),
        (("s1", "ovs", None), "vif_details None; allowed is a mapping that JSON can express"),
        (("s1", "ovs", "text"), "vif_details 'text'"),
        pytest.param(("s1", "ovs", {"x": object()}), "vif_details", id="an object"),
        (("s1", "ovs", {"x": float("inf")}), "vif_details"),
        (("s1", "ovs", {}, "SLEEPY"), "status 'SLEEPY'; allowed is None or one of"),
    ],
    ids=str,
)
def test_set_binding_refuses_what_cannot_be_a_binding_and_sets_nothing(
    arguments: tuple[Any, ...], message: str
) -> None:
    context = PortContext(UNBOUND, NETWORK)
    with pytest.raises(InvalidBinding, match=message):
        context.set_binding(*arguments)
    assert context.result is None


@pytest.mark.parametrize("status", [None, *PORT_STATUSES])
def test_set_binding_takes_any_status_of_a_port(status: str | None) -> None:
    context = PortContext(UNBOUND, NETWORK)
    context.set_binding("s2", "ovs", {"b": 2}, status)
    assert context.result == ("s2", "ovs", '{"b":2}', status, "")


def test_the_last_set_binding_counts() -> None:
    context = PortContext(UNBOUND, NETWORK)
    context.set_binding("s1", "ovs", {})
    context.set_binding("s2", "bridge", {})
    assert context.result is not None
    assert context.result[:2] == ("s2", "bridge")


def test_a_bound_port_shows_its_segment_and_driver() -> None:
    context = PortContext(BOUND, NETWORK, original=UNBOUND)
    assert (context.bound_segment, context.bound_driver) == (SEGMENTS[1], "sdn")
    assert (context.original_bound_segment, context.original_bound_driver) == (None, None)
    assert (context.vif_type, context.vif_details, context.profile) == ("ovs", {"b": 2}, {"a": 1})
    assert (context.host, context.original_host) == ("h1", "h1")
    assert (context.port, context.previous) == (BOUND, UNBOUND)


def test_without_an_original_everything_original_is_none() -> None:
    context = PortContext(BOUND, NETWORK)
    assert (context.original, context.original_host, context.original_status) == (None, None, None)
    assert (context.original_bound_segment, context.original_bound_driver, context.previous) == (None, None, None)


def test_segments_to_bind_are_the_networks_in_their_order() -> None:
    assert PortContext(UNBOUND, NETWORK).segments_to_bind == SEGMENTS


def test_what_a_driver_does_to_the_dicts_reaches_neither_the_port_nor_the_properties() -> None:
    context = PortContext(BOUND, NETWORK, original=UNBOUND)
    assert context.original is not None
    context.current["binding:host_id"] = context.original["binding:host_id"] = "elsewhere"
    context.current["binding:vif_details"]["b"] = 3
    assert (context.host, context.original_host, context.vif_details) == ("h1", "h1", {"b": 2})
    assert context.port == BOUND
