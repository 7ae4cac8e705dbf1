"""Inactive bindings read from and written to their rows, inside a transaction that the caller holds."""

from core import statements
from core.database import Transaction
from core.exceptions import DuplicateKey, MissingParent, PortBindingAlreadyExists, PortNotFound, StaleData
from core.records import PortBinding


def read_inactive(transaction: Transaction, port_id: str, host: str) -> PortBinding | None:
    """The port's inactive binding on a host, generation 0, or None."""
    row = transaction.row(statements.INACTIVE_BINDING_READ, port_id=port_id, host=host)
    return None if row is None else PortBinding(*row)


def insert_inactive(transaction: Transaction, port_id: str, binding: PortBinding) -> None:
    """Writes an inactive binding; PortNotFound, and PortBindingAlreadyExists when its host has one."""
    columns = binding._asdict()
    del columns["generation"]
    try:
        transaction.write(statements.INACTIVE_BINDING_INSERT, port_id=port_id, **columns)
    except DuplicateKey as error:
        raise PortBindingAlreadyExists(port_id, binding.host) from error
    except MissingParent as error:
        raise PortNotFound(port_id) from error


def put_inactive(transaction: Transaction, port_id: str, binding: PortBinding) -> None:
    """Writes an inactive binding, in the place of one that its host may have, since updates move ports to any host.

    StaleData when another makes one there at the same time.
    """
    delete_inactive(transaction, port_id, binding.host)
    try:
        insert_inactive(transaction, port_id, binding)
    except PortBindingAlreadyExists as error:
        raise StaleData(str(error)) from error


def delete_inactive(transaction: Transaction, port_id: str, host: str) -> bool:
    """Deletes an inactive binding; whether there was one."""
    return transaction.write(statements.INACTIVE_BINDING_DELETE, port_id=port_id, host=host) == 1
