"""What a conflict repeats: a deadlock, a lock wait timeout, stale data, a lost connection, a duplicate binding row."""

from enum import StrEnum


class ConflictRepeats(StrEnum):
    """How much work is done again after the database has ended a transaction."""

    TRANSACTION = "transaction"
    """That transaction, with the same ids and the binding's result in hand."""
    BINDING = "binding"
    """The first transaction by itself; from the second on the whole binding, drivers' calls included, from the state
    that it began with (Neutron since 2017, 7265e9a357)."""
    OPERATION = "operation"
    """The whole API request, whatever had committed: a create that conflicts while it binds leaves its first port
    behind (bug 1543880)."""
    NOTHING = "nothing"
    """Nothing: the client gets the error (Havana to Juno)."""

    @property
    def first_transaction(self) -> bool:
        """Whether the transaction that creates, updates or deletes a port is repeated by itself."""
        return self in (ConflictRepeats.TRANSACTION, ConflictRepeats.BINDING)

    @property
    def whole_operation(self) -> bool:
        """Whether all of a request is repeated."""
        return self is ConflictRepeats.OPERATION

    @property
    def second_transaction(self) -> bool:
        """Whether the transaction that commits a binding is repeated by itself."""
        return self is ConflictRepeats.TRANSACTION
