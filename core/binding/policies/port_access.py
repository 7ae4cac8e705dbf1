"""What stands between reading the port that a transaction changes and writing it, and what is written back."""

from enum import StrEnum


class PortAccess(StrEnum):
    """How a transaction reads the port that it is going to change. core.binding.access does it."""

    FOR_UPDATE = "for_update"
    """The read locks the port's rows until the transaction ends: nobody changes the port in between."""
    PLAIN = "plain"
    """Nothing: others may change the port in between, and what they did is not seen."""
    COMPARE_AND_SWAP = "compare_and_swap"
    """The read locks nothing; the write demands the revision number that was read, and is a conflict without it."""


class Columns(StrEnum):
    """Which columns an update of a row writes."""

    ALL = "all"
    """Every column: what others have written since the read is overwritten."""
    CHANGED = "changed"
    """Those that differ from what was read, as SQLAlchemy's unit of work does for Neutron: two writers mix."""
