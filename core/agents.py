"""Agents: what runs on hosts and which segments it reaches. Reported by agents, read by agent-style drivers."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from core import statements
from core.constants import AGENT_DOWN_S
from core.database import Database, Transaction
from core.exceptions import DuplicateKey
from core.records import decoded, encoded
from core.runtime import Runtime


class Agent(NamedTuple):
    """An agent on a host. `is_alive`: its last heartbeat is recent enough."""

    host: str
    agent_type: str
    is_alive: bool
    configurations: dict[str, Any]

    @property
    def physical_networks(self) -> list[str]:
        """The physical networks that the host is attached to."""
        return list(self.configurations.get("physical_networks", ()))

    @property
    def tunnel_types(self) -> list[str]:
        """The tunnels that the host terminates."""
        return list(self.configurations.get("tunnel_types", ()))


class AgentRegistry:
    """The table of agents. An agent is alive for `down_s` seconds after its last report."""

    def __init__(self, database: Database, runtime: Runtime, *, down_s: float = AGENT_DOWN_S) -> None:
        self._database = database
        self._runtime = runtime
        self._down_s = down_s

    def report(self, host: str, agent_type: str, configurations: Mapping[str, Any]) -> bool:
        """An agent's heartbeat: `configurations` may name physical_networks and tunnel_types.

        Whether it is revived: known before, and not alive until now.
        """
        try:
            return self._report(host, agent_type, encoded(configurations))
        except DuplicateKey:  # another first report of this agent came in between; now there is a row to update
            return self._report(host, agent_type, encoded(configurations))

    def of_host(self, host: str, *, transaction: Transaction | None = None) -> list[Agent]:
        """The host's agents, read in the given transaction or in one of its own."""
        if transaction is not None:
            return self._read(transaction, host)
        return self._database.transact("read_agents", lambda own: self._read(own, host))

    def _report(self, host: str, agent_type: str, text: str) -> bool:
        def body(transaction: Transaction) -> bool:
            known = [agent for agent in self._read(transaction, host) if agent.agent_type == agent_type]
            self._write(transaction, host, agent_type, text)
            return any(not agent.is_alive for agent in known)

        return self._database.transact("report_agent", body)

    def _write(self, transaction: Transaction, host: str, agent_type: str, configurations: str) -> None:
        now = self._runtime.now()
        changed = transaction.write(
            statements.AGENT_UPDATE,
            agent_host=host,
            type_of_agent=agent_type,
            heartbeat_at=now,
            configurations=configurations,
        )
        if not changed:
            transaction.write(
                statements.AGENT_INSERT,
                host=host,
                agent_type=agent_type,
                heartbeat_at=now,
                configurations=configurations,
            )

    def _read(self, transaction: Transaction, host: str) -> list[Agent]:
        alive_since = self._runtime.now() - self._down_s
        return [
            Agent(host, agent_type, heartbeat_at >= alive_since, decoded(configurations))
            for agent_type, heartbeat_at, configurations in transaction.rows(statements.AGENTS_OF_HOST, host=host)
        ]
