"""A port read and written in one transaction, as the strategy's PortAccess and Columns say."""

from core.binding.policies import BindingRow, Columns, PortAccess
from core.database import Transaction
from core.port_rows import add_binding_row, delete_port, has_port, lock_port, read_port, write_port
from core.records import FixedIp, Port


class PortRows:
    """How one kind of transaction gets at a port's rows; `row`: what it does about a port without a binding row."""

    def __init__(self, access: PortAccess, columns: Columns, row: BindingRow = BindingRow.WITH_PORT) -> None:
        self._locks = access is PortAccess.FOR_UPDATE
        self._same_revision = access is PortAccess.COMPARE_AND_SWAP
        self._changed_columns = columns is Columns.CHANGED
        self._on_demand = row is BindingRow.ON_DEMAND

    def read(
        self, transaction: Transaction, port_id: str, *, fixed_ips: tuple[FixedIp, ...] | None = None
    ) -> Port | None:
        """The port, or None. Who knows its addresses, which never change, may save a statement.

        On demand a port without a binding row is given one first; DuplicateBindingRow when another one does so too.
        """
        port = self._read(transaction, port_id, fixed_ips)
        if port is None and self._on_demand and add_binding_row(transaction, port_id):
            return self._read(transaction, port_id, fixed_ips)
        return port

    def exists(self, transaction: Transaction, port_id: str) -> bool:
        """Whether there is such a port, found without a lock and without a change."""
        if read_port(transaction, port_id) is not None:
            return True
        return self._on_demand and has_port(transaction, port_id)

    def _read(self, transaction: Transaction, port_id: str, fixed_ips: tuple[FixedIp, ...] | None) -> Port | None:
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
