"""Addresses: a subnet's pool row is locked, its next free address is allocated. Called by the plugin's create_port.

As Neutron did in 2014, the pool row stays locked to the end of the transaction, so creates on one subnet queue.
"""

import ipaddress
from collections.abc import Sequence
from functools import lru_cache

from core import statements
from core.database import Transaction
from core.exceptions import InvalidInput, NoMoreAddresses
from core.records import FixedIp, Subnet

ONE_PAGE = 256
"""Rows that statements.IP_TAKEN_FROM returns at most."""


class Address:
    """An address that was taken from a pool and is to be written once its port's row exists."""

    __slots__ = ("fixed_ip", "offset")

    def __init__(self, subnet: Subnet, offset: int) -> None:
        self.offset = offset
        self.fixed_ip = FixedIp(subnet.id, address_at(subnet.cidr, offset))


def address_at(cidr: str, offset: int) -> str:
    """The address this far from the first of the CIDR."""
    return str(_network(cidr)[offset])


def pool_limits(cidr: str) -> tuple[int, int]:
    """First and last offset of a pool: all of the range but network, gateway (offset 1) and broadcast address."""
    return 2, min(_network(cidr).num_addresses - 2, 2**62)


def subnets_of(transaction: Transaction, network_id: str) -> list[Subnet]:
    """The network's subnets, ordered by id."""
    return [Subnet(*row) for row in transaction.rows(statements.SUBNETS_OF_NETWORK, network_id=network_id)]


def subnets_for(transaction: Transaction, network_id: str, wanted: Sequence[str] | None) -> list[Subnet]:
    """The subnets to take addresses from, ordered by id: those named (InvalidInput for strangers), or the network's."""
    if wanted is None:
        return subnets_of(transaction, network_id)
    return [_subnet(transaction, network_id, subnet_id) for subnet_id in sorted(wanted)]


def take_addresses(transaction: Transaction, subnets: Sequence[Subnet], *, each: bool) -> list[Address]:
    """An address of each of the subnets, or (not `each`) of the first one that has any left; NoMoreAddresses."""
    if each:
        return [take_address(transaction, subnet) for subnet in subnets]
    for position, subnet in enumerate(subnets):
        try:
            return [take_address(transaction, subnet)]
        except NoMoreAddresses:
            if position == len(subnets) - 1:
                raise
    return []


def take_address(transaction: Transaction, subnet: Subnet) -> Address:
    """Locks the subnet's pool row and takes the next free address; NoMoreAddresses."""
    row = transaction.row(statements.POOL_LOCK, subnet_id=subnet.id)
    if row is None:
        raise NoMoreAddresses(subnet.id)
    first, last, following, wrapped = row
    offset = _gap(transaction, subnet, first, last, following) if wrapped else following
    at_end = offset == last
    transaction.write(
        statements.POOL_ADVANCE,
        pool_id=subnet.id,
        next_offset=first if at_end else offset + 1,
        wrapped=int(at_end or wrapped),
    )
    return Address(subnet, offset)


def write_address(transaction: Transaction, address: Address, *, port_id: str) -> None:
    """Records that the port holds the address."""
    transaction.write(
        statements.IP_INSERT,
        subnet_id=address.fixed_ip.subnet_id,
        ip_offset=address.offset,
        ip_address=address.fixed_ip.ip_address,
        port_id=port_id,
    )


def _subnet(transaction: Transaction, network_id: str, subnet_id: str) -> Subnet:
    row = transaction.row(statements.SUBNET_READ, subnet_id=subnet_id)
    if row is None or row[1] != network_id:
        raise InvalidInput("fixed_ips", subnet_id, f"the id of a subnet of network {network_id}")
    return Subnet(*row)


def _gap(transaction: Transaction, subnet: Subnet, first: int, last: int, following: int) -> int:
    for low, high in ((following, last), (first, following - 1)):
        offset = _first_free(transaction, subnet, low, high)
        if offset is not None:
            return offset
    raise NoMoreAddresses(subnet.id)


def _first_free(transaction: Transaction, subnet: Subnet, low: int, high: int) -> int | None:
    while low <= high:
        taken = transaction.rows(statements.IP_TAKEN_FROM, subnet_id=subnet.id, from_offset=low)
        for (offset,) in taken:
            if offset != low:
                break
            low += 1
        else:
            if len(taken) == ONE_PAGE:
                continue
        return low if low <= high else None
    return None


@lru_cache(maxsize=4096)
def _network(cidr: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    return ipaddress.ip_network(cidr)
