"""(b) The same operations as an ordinary SQLAlchemy ORM program: no simulation, one thread, a session a transaction.

Written as people write it: declarative classes on the core's own tables, relationships with cascades left to the
database, a unit of work flushed at COMMIT. It takes the same decisions as the plugin's create (with its binding in a
second transaction) and delete, and `notify` gets what the plugin shows to its drivers: the port as it is and was, with
its addresses and its network's segments. Nothing is validated, recorded or observed here.
"""
# mypy: disable-error-code=attr-defined

import ipaddress
import sqlite3
import uuid
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, relationship, sessionmaker
from sqlalchemy.pool import StaticPool

from core import schema

Sessions = sessionmaker[Session]


class Base(DeclarativeBase):
    """The mapped classes; their tables are the core's."""

    metadata = schema.metadata


class Segment(Base):
    """A row of network_segments."""

    __table__ = schema.network_segments


class Network(Base):
    """A row of networks with its segments."""

    __table__ = schema.networks
    segments: Mapped[list[Segment]] = relationship(order_by=schema.network_segments.c.segment_index, lazy="joined")


class Subnet(Base):
    """A row of subnets."""

    __table__ = schema.subnets


class Pool(Base):
    """A row of ip_allocation_pools."""

    __table__ = schema.ip_allocation_pools


class FixedIp(Base):
    """A row of ip_allocations."""

    __table__ = schema.ip_allocations


class Binding(Base):
    """A row of ml2_port_bindings."""

    __table__ = schema.ml2_port_bindings


class Port(Base):
    """A row of ports with its binding and its addresses."""

    __table__ = schema.ports
    binding: Mapped[Binding] = relationship(lazy="joined", innerjoin=True, uselist=False, passive_deletes="all")
    network: Mapped[Network] = relationship()
    fixed_ips: Mapped[list[FixedIp]] = relationship(passive_deletes="all")

    def as_dict(self) -> dict[str, Any]:
        """The attributes that the API shows."""
        return {
            "id": self.id,
            "network_id": self.network_id,
            "name": self.name,
            "mac_address": self.mac_address,
            "admin_state_up": bool(self.admin_state_up),
            "status": self.status,
            "device_id": self.device_id,
            "device_owner": self.device_owner,
            "revision_number": self.revision_number,
            "fixed_ips": [{"subnet_id": ip.subnet_id, "ip_address": ip.ip_address} for ip in self.fixed_ips],
            "binding:host_id": self.binding.host,
            "binding:vnic_type": self.binding.vnic_type,
            "binding:profile": self.binding.profile,
            "binding:vif_type": self.binding.vif_type,
            "binding:vif_details": self.binding.vif_details,
        }


def open_sessions(connection: sqlite3.Connection) -> Sessions:
    """Sessions on this one connection."""
    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    return sessionmaker(engine)


def subnets(sessions: Sessions) -> list[str]:
    """The ids of all subnets."""
    with sessions() as session:
        return [subnet.id for subnet in session.query(Subnet).order_by(schema.subnets.c.id)]


def create_bind_delete(sessions: Sessions, subnet_ids: list[str], *, operations: int) -> int:
    """This many operations, half creates that bind and half deletes, on the subnets in turn; their number."""
    for number in range(operations // 2):
        created = create_port(sessions, subnet_ids[number % len(subnet_ids)], host=f"host-{number % 100}")
        delete_port(sessions, created["id"])
    return operations


def create_port(sessions: Sessions, subnet_id: str, *, host: str) -> dict[str, Any]:
    """Creates a port on the subnet, then binds it in a second transaction."""
    port_id = str(uuid.uuid4())
    with sessions.begin() as session:
        subnet = session.get_one(Subnet, subnet_id)
        port = _new_port(port_id, host)
        port.network = session.get_one(Network, subnet.network_id)
        port.fixed_ips = [_next_address(session, subnet)]
        session.add(port)
        session.flush()
        segments = [segment.id for segment in port.network.segments]
        notify("create_port", port.as_dict(), segments)
    return bind_port(sessions, port_id, segments)


def notify(method: str, current: dict[str, Any], segments: list[str], original: dict[str, Any] | None = None) -> None:
    """Where drivers are called; this one has none."""


def _next_address(session: Session, subnet: Subnet) -> FixedIp:
    pool = session.get_one(Pool, subnet.id, with_for_update=True)
    offset = pool.next_offset
    at_end = offset == pool.last_offset
    pool.next_offset = pool.first_offset if at_end else offset + 1
    pool.wrapped = int(at_end or pool.wrapped)
    address = str(ipaddress.ip_network(subnet.cidr)[offset])
    return FixedIp(subnet_id=subnet.id, ip_offset=offset, ip_address=address)


def _new_port(port_id: str, host: str) -> Port:
    digits = port_id.replace("-", "")
    return Port(
        id=port_id,
        name="",
        mac_address="fa:" + ":".join(digits[at : at + 2] for at in range(0, 10, 2)),
        admin_state_up=1,
        status="DOWN",
        device_id=port_id,
        device_owner="compute:nova",
        revision_number=1,
        binding=Binding(
            host=host,
            vnic_type="normal",
            profile="",
            vif_type="unbound",
            vif_details="",
            upper_levels="",
            binding_generation=1,
        ),
    )


def bind_port(sessions: Sessions, port_id: str, segments: list[str]) -> dict[str, Any]:
    """Binds a port to its first segment, unless somebody else has done so."""
    with sessions.begin() as session:
        port = session.get_one(Port, port_id, with_for_update=True)
        original = port.as_dict()
        if port.binding.vif_type != "unbound":
            return original
        port.status = "ACTIVE"
        port.revision_number += 1
        port.binding.vif_type = "ovs"
        port.binding.vif_details = "{}"
        port.binding.driver = "sdn"
        port.binding.segment_id = segments[0]
        port.binding.binding_generation += 1
        session.flush()
        current = port.as_dict()
        notify("update_port", current, segments, original)
        return current


def delete_port(sessions: Sessions, port_id: str) -> None:
    """Deletes a port with all that belongs to it."""
    with sessions.begin() as session:
        port = session.get(Port, port_id, with_for_update=True)
        if port is not None:
            notify("delete_port", port.as_dict(), [segment.id for segment in port.network.segments])
            session.delete(port)
