"""What each request asks of the core, and how its answers and errors are read."""

from typing import Any, cast

import pytest

from core.exceptions import LockWaitTimeout, PoolTimeout, PortNotFound, RetriesExhausted
from core.plugin import Ml2Plugin
from sim.kernel import Draws
from sim.model.bindings import BindingTracker
from sim.model.operations import Operations
from sim.model.requests import Chain, Request
from sim.model.steps import Step
from sim.model.world import World
from tests.sim.model.tiny import tiny

BOUND = {"binding:host_id": "host-1", "binding:vif_type": "other"}
FAILED = {"binding:host_id": "host-1", "binding:vif_type": "binding_failed"}
NO_HOST = {"binding:host_id": "", "binding:vif_type": "unbound"}


class Plugin:
    """Answers every call with the same and remembers the calls."""

    def __init__(self, answer: object) -> None:
        self._answer = answer
        self.calls: list[tuple[str, tuple[Any, ...]]] = []

    def __getattr__(self, name: str) -> Any:
        def call(*given: Any) -> object:
            self.calls.append((name, given))
            if isinstance(self._answer, Exception):
                raise self._answer
            return self._answer

        return call


class Case:
    """One request against one answer."""

    def __init__(self, answer: object = BOUND, **topology: Any) -> None:
        self.world = World(tiny(workload={"ports": {"initial": 5}}, topology=topology), Draws(1))
        self.plugin = Plugin(answer)
        self.tracker = BindingTracker()
        plugin = cast(Ml2Plugin, self.plugin)
        self.operations = Operations(plugin, self.world, self.tracker, Draws(1))

    def perform(self, kind: str, *, port: int = 3, host: int = -1, changes: str = "", filters: str = "") -> Any:
        step = Step(kind, kind, 0, binds=host >= 0, changes=changes, filters=filters)
        chain = Chain(0, 1, -1)
        request = Request(step, chain, operation=9, port=port, host=host, intended_us=0)
        answer = self.operations.perform(request)
        return answer.outcome, answer.error, answer.bound


def test_a_create_names_network_instance_host_and_subnet() -> None:
    case = Case()
    assert case.perform("create_port", host=2) == ("ok", None, 1)
    ((name, (given,)),) = case.plugin.calls
    assert name == "create_port"
    assert given == {
        "network_id": case.world.network_of(1).id,
        "device_id": "vm-3",
        "device_owner": "compute:nova",
        "binding:host_id": "host-2",
        "fixed_ips": [{"subnet_id": case.world.subnet_of(1, 0.5)}],
    }


def test_a_create_without_binding_and_addresses_names_neither() -> None:
    case = Case(NO_HOST, ip_allocation=False)
    assert case.perform("create_port") == ("ok", None, -1)
    assert set(case.plugin.calls[0][1][0]) == {"network_id", "device_id", "device_owner"}


@pytest.mark.parametrize(
    ("changes", "given"),
    [
        ("host", {"binding:host_id": "host-2"}),
        ("profile", {"binding:profile": {"changed_by": 9}}),
        ("name", {"name": "renamed-by-9"}),
    ],
)
def test_an_update_changes_one_thing(changes: str, given: dict[str, Any]) -> None:
    case = Case(FAILED)
    assert case.perform("update_port", host=2, changes=changes) == ("ok", None, 0)
    assert case.plugin.calls == [("update_port", (case.world.port_id(3), given))]


def test_a_change_of_vnic_type_goes_there_or_back() -> None:
    case = Case()
    case.perform("update_port", changes="vnic_type")
    assert case.plugin.calls[0][1][1]["binding:vnic_type"] in ("normal", "direct")


@pytest.mark.parametrize(
    ("filters", "given"),
    [
        ("host", {"binding:host_id": "host-2"}),
        ("device", {"device_id": "vm-3"}),
        ("status", {"status": "ACTIVE"}),
        ("none", {}),
    ],
)
def test_a_list_filters_by_one_thing(filters: str, given: dict[str, Any]) -> None:
    case = Case([])
    assert case.perform("get_ports", host=2, filters=filters) == ("ok", None, -1)
    assert case.plugin.calls == [("get_ports", (given,))]


@pytest.mark.parametrize(
    ("kind", "call", "bound"),
    [
        ("create_binding", "create_port_binding", -1),
        ("activate", "activate_port_binding", 1),
        ("delete_binding", "delete_port_binding", -1),
    ],
)
def test_an_operation_on_a_further_binding_names_its_port_and_host(kind: str, call: str, bound: int) -> None:
    case = Case()
    assert case.perform(kind, host=2) == ("ok", None, bound)
    assert case.plugin.calls == [(call, (case.world.port_id(3), "host-2"))]


def test_the_binding_of_no_host_is_not_asked_for() -> None:
    case = Case()
    assert case.perform("delete_binding") == ("no_target", None, -1)
    assert case.plugin.calls == []


def test_a_target_that_nobody_has_created_is_not_asked_for() -> None:
    case = Case()
    assert case.perform("get_port", port=-1) == ("no_target", None, -1)
    assert case.plugin.calls == []


def test_a_port_that_is_gone_is_no_target() -> None:
    assert Case(PortNotFound("x")).perform("get_port") == ("no_target", None, -1)


def test_deleting_what_does_not_exist_succeeds_and_is_no_target() -> None:
    assert Case(None).perform("delete_port") == ("no_target", None, -1)


@pytest.mark.parametrize(
    "error",
    [PoolTimeout(size=5, overflow=50, timeout_s=30), RetriesExhausted("update_port", 21, LockWaitTimeout("late"))],
)
def test_an_error_of_the_core_is_an_answer_with_its_name(error: Exception) -> None:
    assert Case(error).perform("get_port") == ("error", type(error).__name__, -1)


def test_anything_else_is_a_bug_and_ends_the_run() -> None:
    with pytest.raises(ZeroDivisionError):
        Case(ZeroDivisionError()).perform("get_port")
