"""Latency and errors injected into any driver, in virtual time and in wall-clock time."""

from core.context import PortContext
from core.driver_api import MechanismDriver
from core.records import Network, Port, PortBinding
from sim.kernel import Constant
from sim.model.latency_driver import InjectedError, LatencyInjectingDriver
from tests.sim.model.tiny import moves, scripted, tiny

METHODS = [f"{what}_port_{when}" for what in ("create", "update", "delete") for when in ("precommit", "postcommit")] + [
    "bind_port", "unbind_port", "validate_bound_port",
]  # fmt: skip


class Listed(MechanismDriver):
    """Remembers its calls."""

    name = "listed"

    def __init__(self) -> None:
        self.log: list[str] = []
        for method in [*METHODS, "initialize"]:
            setattr(self, method, lambda *_args, method=method: self._answered(method))

    def _answered(self, method: str) -> str:
        self.log.append(method)
        return f"what {method} says"


class Clock:
    """A runtime that only sleeps."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


class Half:
    """Every draw is 0.5."""

    def uniform(self, _purpose: int) -> float:
        return 0.5


def context() -> PortContext:
    port = Port("p", "n", "", "m", True, "DOWN", "", "", 1, PortBinding("host-1"))
    return PortContext(port, Network("n", "n", ()))


def wrapped(**settings: object) -> tuple[LatencyInjectingDriver, Listed, Clock]:
    inner, clock = Listed(), Clock()
    driver = LatencyInjectingDriver(inner, runtime=clock, uniforms=Half(), **{"latency": {}, **settings})  # type: ignore[arg-type]
    return driver, inner, clock


def test_every_call_reaches_the_driver_and_waits_if_it_is_told_to() -> None:
    driver, inner, clock = wrapped(latency={method: Constant(value_s=0.25) for method in METHODS[:3]})
    driver.initialize()
    for method in METHODS:
        getattr(driver, method)(context())
    assert inner.log == ["initialize", *METHODS]
    assert clock.slept == [0.25] * 3
    assert driver.name == "listed"


def test_what_a_driver_says_of_its_binding_is_passed_on_late() -> None:
    driver, _, clock = wrapped(latency={method: Constant(value_s=0.25) for method in METHODS})
    assert driver.validate_bound_port(context()) == "what validate_bound_port says"
    driver.unbind_port(context())
    assert clock.slept == [0.25] * 2


def test_a_call_that_is_made_to_fail_does_not_reach_the_driver() -> None:
    driver, inner, _ = wrapped(error_probability={"bind_port": 0.6, "update_port_postcommit": 0.4})
    told = ""
    try:
        driver.bind_port(context())
    except InjectedError as error:
        told = str(error)
    driver.update_port_postcommit(context())
    assert told == "bind_port of listed was made to fail"
    assert inner.log == ["update_port_postcommit"]


def test_in_virtual_time_an_agent_driver_can_be_slow() -> None:
    drivers = [{"name": "ovs", "kind": "agent", "latency": {"bind_port": 2}}]
    with scripted(tiny(drivers=drivers, controllers=[], workload={"ports": {"initial": 1}})) as script:
        script.at(0, "move", moves(script, 0, "host-1"))
        assert script.run() == ["move done at 2000"]
        ((vif_type,),) = script.system.server.committed("SELECT vif_type FROM ml2_port_bindings")
        assert vif_type == "ovs"
