"""The drivers of a scenario, in their order, and their ideal twins.

The twins are the same drivers with collaborators that never fail, never wait and take no time. They bind the initial
ports, and at rest they are asked whether a port could be bound.
"""

from collections.abc import Mapping

from core.agents import Agent, AgentRegistry
from core.context import PortContext
from core.database import Database, Transaction
from core.driver_api import MechanismDriver
from core.drivers.agent import AgentDriver
from core.drivers.logger import LoggerDriver
from core.managers import MechanismManager
from core.records import Network, Port
from core.runtime import Runtime
from sim.kernel import Draws
from sim.model.agents import agent_configurations, agent_types
from sim.model.controller_driver import ControllerDriver, JournallingDriver
from sim.model.controller_table import Entry
from sim.model.controllers import Controller
from sim.model.latency_driver import KeyedUniforms, LatencyInjectingDriver
from sim.model.switch_driver import SwitchDriver
from sim.neutron_drivers.adapter import NeutronDriver
from sim.neutron_drivers.sources import CoreTables, DriverTables, SubnetRow
from sim.scenario import Driver, Scenario


def build_drivers(
    scenario: Scenario, *, controllers: Mapping[str, Controller], database: Database, runtime: Runtime, draws: Draws,
    agents: AgentRegistry,
) -> list[MechanismDriver]:  # fmt: skip
    """The drivers that the plugin gets."""
    built = []
    for settings in scenario.drivers:
        driver = _driver(settings, controllers=controllers, database=database, runtime=runtime, agents=agents)
        built.append(_injected(driver, settings, runtime=runtime, draws=draws))
    return built


def _driver(
    settings: Driver, *, controllers: Mapping[str, Controller], database: Database, runtime: Runtime,
    agents: AgentRegistry,
) -> MechanismDriver:  # fmt: skip
    if settings.kind == "agent":
        return AgentDriver(agents, name=settings.name)
    if settings.kind == "logger":
        return LoggerDriver(name=settings.name)
    if settings.kind == "switch":
        return _switch(settings)
    if settings.kind == "neutron":
        return _neutron(settings, CoreTables(database, agents))
    assert settings.controller is not None
    controller = controllers[settings.controller]
    if settings.kind == "journal":
        return JournallingDriver(settings.name, controller, database=database, runtime=runtime)
    return ControllerDriver(settings.name, controller)


def _switch(settings: Driver) -> SwitchDriver:
    assert settings.continues_to is not None
    return SwitchDriver(settings.name, continues_to=settings.continues_to)


def _neutron(settings: Driver, tables: DriverTables) -> NeutronDriver:
    assert settings.driver is not None
    return NeutronDriver(settings.name, settings.driver, tables=tables, config_files=settings.config_files or ())


def _injected(driver: MechanismDriver, settings: Driver, *, runtime: Runtime, draws: Draws) -> MechanismDriver:
    if not settings.latency and not settings.error_probability:
        return driver
    return LatencyInjectingDriver(
        driver,
        runtime=runtime,
        uniforms=KeyedUniforms(draws),
        latency={method: latency.build() for method, latency in settings.latency.items()},
        error_probability={str(method): p for method, p in settings.error_probability.items()},
    )


class IdealBinding:
    """Binds ports as the drivers would if nothing failed and nothing took time."""

    def __init__(self, scenario: Scenario, controllers: Mapping[str, Controller]) -> None:
        binding = (settings for settings in scenario.drivers if settings.kind != "logger")
        drivers = [_ideal(settings, scenario, controllers) for settings in binding]
        self._manager = MechanismManager(drivers)

    def bind(self, port: Port, network: Network) -> tuple[PortContext, str] | None:
        """The context with the result, and the driver's name; None when no driver can bind the port."""
        context = PortContext(port._replace(binding=port.binding.unbound()), network)
        driver = self._manager.bind_port(context)
        return None if driver is None else (context, driver)


def _ideal(settings: Driver, scenario: Scenario, controllers: Mapping[str, Controller]) -> MechanismDriver:
    if settings.kind == "switch":
        return _switch(settings)
    agents = _IdealAgents(agent_types(scenario), agent_configurations(scenario))
    if settings.kind == "agent":
        return AgentDriver(agents, name=settings.name)
    if settings.kind == "neutron":
        driver = _neutron(settings, _IdealTables(agents))
        driver.initialize()
        return driver
    assert settings.controller is not None
    return ControllerDriver(settings.name, _IdealController(controllers[settings.controller]))


class _IdealAgents(AgentRegistry):
    """An agent of each type on every host, alive; asks no database."""

    def __init__(self, types: list[str], configurations: dict[str, list[str]]) -> None:
        self._types = types
        self._configurations = configurations

    def of_host(self, host: str, *, transaction: Transaction | None = None) -> list[Agent]:
        """The host's agents."""
        return [Agent(host, kind, is_alive=True, configurations=dict(self._configurations)) for kind in self._types]


class _IdealTables:
    """What a Neutron driver is told: those agents, and every subnet that it asks for."""

    def __init__(self, agents: _IdealAgents) -> None:
        self._agents = agents

    def agents(self, host: str, transaction: Transaction | None) -> list[Agent]:
        """The host's."""
        return self._agents.of_host(host)

    def subnet(self, subnet_id: str, transaction: Transaction | None) -> SubnetRow:
        """The subnet; of which network it is decides nothing."""
        return SubnetRow(subnet_id, "", "")


class _IdealController:
    """The real one's table and hosts, without calls. The token names the port, so that it is unique."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller

    def serves(self, host: str) -> bool:
        """As the real one."""
        return self._controller.serves(host)

    def reserve(self, port_id: str, host: str, segment_id: str, revision: int) -> str:
        """A token; nothing is entered in the table."""
        return f"{self._controller.name}-initial-{port_id}"

    def confirm(self, port_id: str, token: str) -> None:
        """Nothing happens."""

    def drop(self, port_id: str, *, keep: str | None, revision: int) -> None:
        """Nothing happens."""


def confirmed_entry(port: Port, token: str) -> Entry:
    """What a controller's table holds of an initial port."""
    binding = port.binding
    return Entry(binding.host, binding.segment_id or "", token, port.revision_number, confirmed=True)
