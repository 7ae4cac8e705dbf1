"""Agents on hosts."""

from sqlalchemy import bindparam, select, update

from core import schema
from core.statements.statement import RowRead, Statement, exclusive, insertion, member

AGENT_INSERT = insertion(
    "agent.insert", schema.agents, exclusive("agents", "host", "agent_type"), member("agents.host", "host")
)

AGENT_UPDATE = Statement(
    "agent.update",
    "write",
    update(schema.agents).where(
        schema.agents.c.host == bindparam("agent_host"),
        schema.agents.c.agent_type == bindparam("type_of_agent"),
    ),
    column_keys=("heartbeat_at", "configurations"),
    locks=(exclusive("agents", "agent_host", "type_of_agent"), member("agents.host", "agent_host")),
)

AGENTS_OF_HOST = Statement(
    "agent.by_host",
    "read",
    select(schema.agents.c.agent_type, schema.agents.c.heartbeat_at, schema.agents.c.configurations)
    .where(schema.agents.c.host == bindparam("host"))
    .order_by(schema.agents.c.agent_type),
    reads=(RowRead("agents.host", ("host",)),),
)
