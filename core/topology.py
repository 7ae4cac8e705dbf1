"""Networks, segments and subnets: what must exist before ports can. Called by the plugin's set-up calls."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core import statements
from core.database import Transaction
from core.ipam import pool_limits
from core.port_rows import read_network
from core.records import Network, Segment, Subnet
from core.validation import Segmentation, checked_cidr, checked_id, checked_name, checked_segments


def new_network(name: str, segments: Sequence[Mapping[str, Any]], new_id: Callable[[], str]) -> Network:
    """A network with a checked name and checked segments, with new ids."""
    wanted = checked_segments(segments)
    network_id = new_id()
    return Network(network_id, checked_name(name), tuple(_segment(network_id, item, new_id()) for item in wanted))


def new_subnet(network_id: str, cidr: str, new_id: Callable[[], str]) -> Subnet:
    """A subnet with a checked range and a new id."""
    return Subnet(new_id(), checked_id("network_id", network_id), checked_cidr(cidr))


def insert_network(transaction: Transaction, network: Network) -> None:
    """Writes a network and its segments."""
    transaction.write(statements.NETWORK_INSERT, id=network.id, name=network.name)
    for index, segment in enumerate(network.segments):
        transaction.write(statements.SEGMENT_INSERT, **segment._asdict(), segment_index=index)


def insert_subnet(transaction: Transaction, subnet: Subnet) -> None:
    """Writes a subnet and its address pool; NetworkNotFound."""
    read_network(transaction, subnet.network_id)
    first, last = pool_limits(subnet.cidr)
    transaction.write(statements.SUBNET_INSERT, **subnet._asdict())
    transaction.write(
        statements.POOL_INSERT,
        subnet_id=subnet.id,
        first_offset=first,
        last_offset=last,
        next_offset=first,
        wrapped=0,
    )


def has_network(transaction: Transaction, network_id: str) -> bool:
    """Whether the network exists."""
    return transaction.row(statements.NETWORK_READ, network_id=network_id) is not None


def has_subnet(transaction: Transaction, subnet_id: str) -> bool:
    """Whether the subnet exists."""
    return transaction.row(statements.SUBNET_READ, subnet_id=subnet_id) is not None


def _segment(network_id: str, wanted: Segmentation, segment_id: str) -> Segment:
    return Segment(segment_id, network_id, *wanted)
