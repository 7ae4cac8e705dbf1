"""Networks, segments and subnets."""

from sqlalchemy import bindparam, select

from core import schema
from core.statements.statement import RowRead, Statement, exclusive, insertion, member, shared

NETWORK_INSERT = insertion("network.insert", schema.networks, exclusive("networks", "id"))

SEGMENT_INSERT = insertion(
    "segment.insert",
    schema.network_segments,
    exclusive("network_segments", "id"),
    member("network_segments.network_id", "network_id"),
    shared("networks", "network_id"),
)

NETWORK_READ = Statement(
    "network.read",
    "read",
    select(
        schema.networks.c.id,
        schema.networks.c.name,
        schema.network_segments.c.id.label("segment_id"),
        schema.network_segments.c.network_type,
        schema.network_segments.c.physical_network,
        schema.network_segments.c.segmentation_id,
    )
    .select_from(
        schema.networks.outerjoin(schema.network_segments, schema.network_segments.c.network_id == schema.networks.c.id)
    )
    .where(schema.networks.c.id == bindparam("network_id"))
    .order_by(schema.network_segments.c.segment_index),
    reads=(RowRead("networks", ("network_id",)), RowRead("network_segments.network_id", ("network_id",))),
)

SUBNET_INSERT = insertion(
    "subnet.insert",
    schema.subnets,
    exclusive("subnets", "id"),
    member("subnets.network_id", "network_id"),
    shared("networks", "network_id"),
)

SUBNETS_OF_NETWORK = Statement(
    "subnet.by_network",
    "read",
    select(schema.subnets.c.id, schema.subnets.c.network_id, schema.subnets.c.cidr)
    .where(schema.subnets.c.network_id == bindparam("network_id"))
    .order_by(schema.subnets.c.id),
    reads=(RowRead("subnets.network_id", ("network_id",)),),
)

SUBNET_READ = Statement(
    "subnet.read",
    "read",
    select(schema.subnets.c.id, schema.subnets.c.network_id, schema.subnets.c.cidr).where(
        schema.subnets.c.id == bindparam("subnet_id")
    ),
    reads=(RowRead("subnets", ("subnet_id",)),),
)
