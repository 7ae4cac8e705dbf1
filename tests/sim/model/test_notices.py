"""What drivers were last told, against what the database holds."""

from core.records import Port, PortBinding
from sim.model.notices import Notices


def port(port_id: str, name: str = "", *, revision: int = 1) -> Port:
    binding = PortBinding("host-0", "normal", "{}", "unbound", "{}", None, None, "", 1)
    return Port(port_id, "a network", name, "a mac", True, "DOWN", "", "", revision, binding, ())


def test_a_driver_that_was_told_the_last_state_agrees() -> None:
    notices = Notices(["sdn"])
    notices.told("sdn", port("a", "old"), deleted=False)
    notices.told("sdn", port("a", "new", revision=2), deleted=False)
    assert notices.diverged({"a": port("a", "new", revision=9)}) == 0
    assert notices.diverged({"a": port("a", "other")}) == 1


def test_a_port_that_is_gone_of_which_a_driver_was_not_told_diverges() -> None:
    notices = Notices(["sdn", "log"])
    for driver in ("sdn", "log"):
        notices.told(driver, port("a"), deleted=False)
    notices.told("log", port("a"), deleted=True)
    assert notices.diverged({}) == 1


def test_a_deletion_told_of_a_port_that_still_exists_diverges() -> None:
    notices = Notices(["sdn"])
    notices.told("sdn", port("a"), deleted=True)
    assert notices.diverged({"a": port("a")}) == 1
