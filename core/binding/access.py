"""A port read and written in one transaction, as the strategy's PortAccess and Columns say."""

from core.binding.policies import Columns, PortAccess
from core.database import Transaction
from core.port_rows import delete_port, lock_port, read_port, write_port
from core.records import FixedIp, Port


class PortRows:
    """How one kind of transaction gets at a port's rows."""

    def __init__(self, access: PortAccess, columns: Columns) -> None:
        self._locks = access is PortAccess.FOR_UPDATE
        self._same_revision = access is PortAccess.COMPARE_AND_SWAP
        self._changed_columns = columns is Columns.CHANGED

    def read(
        self, transaction: Transaction, port_id: str, *, fixed_ips: tuple[FixedIp, ...] | None = None
    ) -> Port | None:
        """The port, or None. Who knows its addresses, which never change, may save a statement."""
        if self._locks:
            return lock_port(transaction, port_id, fixed_ips=fixed_ips)
        return read_port(transaction, port_id)

    def write(self, transaction: Transaction, port: Port, *, previous: Port) -> None:
        """Writes what differs from the state that was read; StaleData when the row is not there (so) any more."""
        write_port(
            transaction, port, previous=previous, changed_columns=self._changed_columns,
            same_revision=self._same_revision,
        )  # fmt: skip

    def delete(self, transaction: Transaction, port: Port) -> None:
        """Deletes the port that was read; StaleData as in `write`."""
        delete_port(transaction, port, same_revision=self._same_revision)
