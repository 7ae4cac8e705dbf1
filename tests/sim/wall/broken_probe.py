"""A bug in an API process: a probe that fails at the first operation."""

from collections.abc import Callable
from typing import Any

from core.database import Connection


class BrokenProbe:
    """Made in the process, whose number it is given."""

    def __init__(self, _number: int) -> None:
        pass

    def connection(self, inner: Connection) -> Connection:
        """The connection itself."""
        return inner

    def operation(self, kind: str, perform: Callable[[], Any]) -> Any:
        """Fails with what is no error of the core."""
        raise ZeroDivisionError(f"a bug in {kind}")

    def write(self) -> None:
        """Nothing."""
