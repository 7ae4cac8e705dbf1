"""Who inserts the row of ml2_port_bindings that belongs to a port."""

from enum import StrEnum


class BindingRow(StrEnum):
    """Whether a port can stand without a binding row, and who gives it one then."""

    WITH_PORT = "with_port"
    """The transaction that creates the port inserts it, nobody else does, and there is no port without one (Neutron
    since Juno, b1677dcb80)."""
    ON_DEMAND = "on_demand"
    """That transaction too; but where a port has none, because it came from a plugin without bindings, whoever first
    reads it to change it, or to show it by its id, inserts one: unbound, without a host, generation 0. Two that do so
    at once meet a duplicate key (bug 1335226), a conflict like others: conflict_repeats says what follows. Lists insert
    nothing and show such a port as it will be; live migration, younger by years, does not find it."""
