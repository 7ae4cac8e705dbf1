"""Where a driver's questions are answered from: agents of a host, and subnets. The core's tables, or made-up ones."""

from typing import NamedTuple, Protocol

from core import statements
from core.agents import Agent, AgentRegistry
from core.database import Database, Transaction


class SubnetRow(NamedTuple):
    """What the core knows of a subnet."""

    id: str
    network_id: str
    cidr: str


class DriverTables(Protocol):
    """Answers to a driver's questions; inside a transaction where there is one."""

    def agents(self, host: str, transaction: Transaction | None) -> list[Agent]:
        """All agents of the host, of every type."""

    def subnet(self, subnet_id: str, transaction: Transaction | None) -> SubnetRow | None:
        """The subnet, None when it does not exist."""


class CoreTables:
    """The core's tables: each question is a statement, and costs what that costs."""

    def __init__(self, database: Database, agents: AgentRegistry) -> None:
        self._database = database
        self._agents = agents

    def agents(self, host: str, transaction: Transaction | None) -> list[Agent]:
        """From the table of agents."""
        return self._agents.of_host(host, transaction=transaction)

    def subnet(self, subnet_id: str, transaction: Transaction | None) -> SubnetRow | None:
        """From the table of subnets."""
        if transaction is None:
            return self._database.transact("read_subnet", lambda own: self.subnet(subnet_id, own))
        row = transaction.row(statements.SUBNET_READ, subnet_id=subnet_id)
        return None if row is None else SubnetRow(*row)
