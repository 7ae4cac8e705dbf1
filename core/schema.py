"""The tables, as SQLAlchemy describes them. Text, integer and float columns only; JSON is text; no autoincrement."""

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

_ID = String(36)

networks = Table(
    "networks",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("name", String(255), nullable=False),
)

network_segments = Table(
    "network_segments",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("network_id", _ID, ForeignKey("networks.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("network_type", String(32), nullable=False),
    Column("physical_network", String(64)),
    Column("segmentation_id", BigInteger),
    Column("segment_index", Integer, nullable=False),
)

subnets = Table(
    "subnets",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("network_id", _ID, ForeignKey("networks.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("cidr", String(64), nullable=False),
)

ip_allocation_pools = Table(
    "ip_allocation_pools",
    metadata,
    Column("subnet_id", _ID, ForeignKey("subnets.id", ondelete="CASCADE"), primary_key=True),
    Column("first_offset", BigInteger, nullable=False),
    Column("last_offset", BigInteger, nullable=False),
    Column("next_offset", BigInteger, nullable=False),
    Column("wrapped", Integer, nullable=False),
)
"""Addresses are offsets into the subnet's CIDR. Until next_offset has passed last_offset once, it is free; afterwards
(`wrapped`) free addresses are searched for among the allocations."""

ports = Table(
    "ports",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("network_id", _ID, ForeignKey("networks.id"), nullable=False),
    Column("name", String(255), nullable=False),
    Column("mac_address", String(32), nullable=False),
    Column("admin_state_up", Integer, nullable=False),
    Column("status", String(16), nullable=False),
    Column("device_id", String(255), nullable=False, index=True),
    Column("device_owner", String(255), nullable=False),
    Column("revision_number", BigInteger, nullable=False),
    UniqueConstraint("network_id", "mac_address", name="uniq_ports_network_mac"),
)

ip_allocations = Table(
    "ip_allocations",
    metadata,
    Column("subnet_id", _ID, ForeignKey("subnets.id", ondelete="CASCADE"), primary_key=True),
    Column("ip_offset", BigInteger, primary_key=True),
    Column("ip_address", String(64), nullable=False),
    Column("port_id", _ID, ForeignKey("ports.id", ondelete="CASCADE"), nullable=False, index=True),
)

ml2_port_bindings = Table(
    "ml2_port_bindings",
    metadata,
    Column("port_id", _ID, primary_key=True),
    Column("host", String(255), nullable=False, index=True),
    Column("vnic_type", String(64), nullable=False),
    Column("profile", String(4095), nullable=False),
    Column("vif_type", String(64), nullable=False),
    Column("vif_details", Text, nullable=False),
    Column("driver", String(64)),
    Column("segment_id", _ID, ForeignKey("network_segments.id")),
    Column("upper_levels", Text, nullable=False),
    Column("binding_generation", BigInteger, nullable=False),
    ForeignKeyConstraint(["port_id"], ["ports.id"], ondelete="CASCADE", name="fk_binding_port"),
)
"""driver and segment_id are the bottom level of a binding; upper_levels has those above it as JSON, '' for none. Levels
in a table of their own, as in Neutron, would cost every binding statements more."""

ml2_inactive_port_bindings = Table(
    "ml2_inactive_port_bindings",
    metadata,
    Column("port_id", _ID, ForeignKey("ports.id", ondelete="CASCADE"), primary_key=True),
    Column("host", String(255), primary_key=True),
    Column("vnic_type", String(64), nullable=False),
    Column("profile", String(4095), nullable=False),
    Column("vif_type", String(64), nullable=False),
    Column("vif_details", Text, nullable=False),
    Column("driver", String(64)),
    Column("segment_id", _ID, ForeignKey("network_segments.id")),
    Column("upper_levels", Text, nullable=False),
)
"""Bindings of ports on further hosts: made for a live migration and not in force until they are activated, or left,
unbound, by an activation."""

port_binding_leases = Table(
    "port_binding_leases",
    metadata,
    Column("port_id", _ID, primary_key=True),
    Column("owner", _ID, nullable=False),
    Column("expires_at", Float(53), nullable=False),
)
"""Serialized binding's distributed lock. No foreign key: deletion ignores leases."""

ml2_journal = Table(
    "ml2_journal",
    metadata,
    Column("controller", String(64), primary_key=True),
    Column("port_id", _ID, primary_key=True),
    Column("revision_number", BigInteger, primary_key=True),
    Column("operation", String(16), nullable=False),
    Column("payload", Text, nullable=False),
    Column("created_at", Float(53), nullable=False),
)

agents = Table(
    "agents",
    metadata,
    Column("host", String(255), primary_key=True),
    Column("agent_type", String(64), primary_key=True),
    Column("heartbeat_at", Float(53), nullable=False),
    Column("configurations", Text, nullable=False),
)
