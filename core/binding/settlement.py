"""How an operation has left a port after it tried to bind it, or had no need to."""

from typing import NamedTuple

from core.records import Port


class Settlement(NamedTuple):
    """The port as last seen. `committed`: this operation has committed a result; `lost`: another's binding stands."""

    port: Port
    committed: bool = False
    lost: bool = False
