"""The tracker of bindings, fed by hand: each class of lost binding that shows while a run goes on, and the windows."""

import pytest

from core.context import PortContext
from core.records import Network, Port, PortBinding, Segment
from sim.model.bindings import BindingTracker, Computed, computed, identity

NETWORK = Network("net", "net", (Segment("seg", "net", "vlan", "physnet1", 1),))


def bound(host: str, details: str = "token-1") -> PortBinding:
    return PortBinding(host, vif_type="other", vif_details=details, driver="sdn", segment_id="seg")


def unbound(host: str) -> PortBinding:
    return PortBinding(host)


def port(binding: PortBinding, revision: int = 1) -> Port:
    return Port("p", "net", "", "mac", True, "DOWN", "", "", revision, binding)


def made(binding: PortBinding, *, host: str | None = None, revision: int | None = None) -> Computed:
    """What an operation computed: this binding, from its own inputs or from another host."""
    inputs = (binding.host if host is None else host, binding.vnic_type, binding.profile)
    return Computed("p", identity(binding), inputs, revision)


@pytest.fixture
def tracker() -> BindingTracker:
    tracker = BindingTracker()
    tracker.committed("p", unbound("a"), 1, None, 0)
    return tracker


def total(tracker: BindingTracker) -> int:
    return tracker.overwritten + sum(tracker.stale.values())


def test_a_binding_computed_from_the_row_is_not_lost(tracker: BindingTracker) -> None:
    tracker.committed("p", bound("a"), 2, made(bound("a"), revision=1), 10)
    assert total(tracker) == 0


def test_a_binding_of_another_host_is_stale_at_its_commit(tracker: BindingTracker) -> None:
    tracker.committed("p", unbound("b"), 2, None, 5)
    tracker.committed("p", bound("b"), 3, made(bound("b"), host="a", revision=1), 10)
    assert tracker.stale == {"at_commit": 1, "mixed": 0, "aba": 0}


def test_a_host_changed_under_a_binding_that_stays_is_mixed(tracker: BindingTracker) -> None:
    tracker.committed("p", bound("a"), 2, made(bound("a"), revision=1), 10)
    tracker.committed("p", bound("b"), 3, None, 20)
    assert tracker.stale == {"at_commit": 0, "mixed": 1, "aba": 0}


def test_a_mixed_binding_is_counted_once_while_it_stays_mixed(tracker: BindingTracker) -> None:
    tracker.committed("p", bound("a"), 2, made(bound("a"), revision=1), 10)
    tracker.committed("p", bound("b"), 3, None, 20)
    tracker.committed("p", bound("c"), 4, None, 30)
    assert tracker.stale["mixed"] == 1


def test_there_and_back_again_before_the_commit_is_aba(tracker: BindingTracker) -> None:
    tracker.committed("p", unbound("b"), 2, None, 5)
    tracker.committed("p", unbound("a"), 3, None, 6)
    tracker.committed("p", bound("a"), 4, made(bound("a"), revision=1), 10)
    assert tracker.stale == {"at_commit": 0, "mixed": 0, "aba": 1}


def test_a_binding_computed_after_the_way_back_is_not_stale(tracker: BindingTracker) -> None:
    tracker.committed("p", unbound("b"), 2, None, 5)
    tracker.committed("p", unbound("a"), 3, None, 6)
    tracker.committed("p", bound("a"), 4, made(bound("a"), revision=3), 10)
    assert total(tracker) == 0


def test_an_in_transaction_rebinding_with_equal_details_is_a_new_binding(tracker: BindingTracker) -> None:
    tracker.committed("p", bound("a"), 2, made(bound("a"), revision=1), 10)
    tracker.committed("p", bound("b"), 3, made(bound("b")), 20)
    assert sum(tracker.stale.values()) == 0


@pytest.mark.parametrize("after", [unbound("a"), bound("a", "token-2")], ids=["removed", "replaced"])
def test_a_binding_that_goes_without_a_word_is_overwritten(tracker: BindingTracker, after: PortBinding) -> None:
    tracker.committed("p", bound("a"), 2, made(bound("a"), revision=1), 10)
    tracker.committed("p", after, 3, made(after) if after.is_successful else None, 20)
    assert tracker.overwritten == 1


def test_a_binding_of_which_a_driver_is_told_is_not_overwritten(tracker: BindingTracker) -> None:
    tracker.committed("p", bound("a"), 2, made(bound("a"), revision=1), 10)
    tracker.committed("p", unbound("b"), 3, None, 20)
    context = PortContext(port(unbound("b"), 3), NETWORK, original=port(bound("a"), 2))
    tracker.told(context, "update_port_postcommit")
    assert tracker.overwritten == 0


def test_an_original_that_shows_another_binding_tells_nothing(tracker: BindingTracker) -> None:
    tracker.committed("p", bound("a"), 2, made(bound("a"), revision=1), 10)
    tracker.committed("p", bound("a", "token-2"), 3, made(bound("a", "token-2")), 20)
    context = PortContext(port(bound("a", "token-2"), 3), NETWORK, original=port(unbound("a"), 1))
    tracker.told(context, "update_port_postcommit")
    assert tracker.overwritten == 1


def test_a_deletion_tells_of_the_binding_that_it_removes(tracker: BindingTracker) -> None:
    tracker.committed("p", bound("a"), 2, made(bound("a"), revision=1), 10)
    tracker.deleted("p", 20)
    assert tracker.overwritten == 1
    tracker.told(PortContext(port(bound("a"), 2), NETWORK), "delete_port_postcommit")
    assert tracker.overwritten == 0
    assert "p" not in tracker


def test_an_unbound_window_lasts_from_commit_to_commit(tracker: BindingTracker) -> None:
    tracker.committed("p", bound("a"), 2, made(bound("a"), revision=1), 10)
    tracker.committed("p", unbound("b"), 3, None, 25)
    tracker.committed("p", PortBinding("b", vif_type="binding_failed"), 4, None, 30)
    tracker.close(100)
    assert tracker.unbound_us.tolist() == [10, 75]


def test_a_port_without_a_host_has_no_unbound_window(tracker: BindingTracker) -> None:
    tracker.committed("p", unbound(""), 2, None, 10)
    tracker.committed("q", unbound(""), 1, None, 10)
    tracker.close(100)
    assert tracker.unbound_us.tolist() == [10]


def test_what_bind_port_computed_is_read_from_its_context() -> None:
    context = PortContext(port(unbound("a"), 5), NETWORK)
    assert computed(context, "sdn") is None
    context.set_binding("seg", "other", {"token": "t"})
    identity = ("other", '{"token":"t"}', "sdn", "seg", "")
    assert computed(context, "sdn") == Computed("p", identity, ("a", "normal", ""), 5)
