"""Names as small integers: what lets a table hold a word in one or two bytes.

The recorder asks for a code once a name and appends the code; a reader of the table turns codes back into
names. A code has a meaning only together with its `Codes`; nothing outside a run's tables stores one.
"""

from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any

_new_names = Lock()  # threads of the wall-clock engine share codes; a known name is looked up without it


class _Numbers(dict[str | None, int]):
    """The codes by name; a name that is asked for first gets the next one. A dict's own look-up is the fastest."""

    __slots__ = ("_names",)

    def __init__(self, names: list[str]) -> None:
        super().__init__({name: code for code, name in enumerate(names)})
        self[None] = -1
        self._names = names

    def __missing__(self, name: str) -> int:
        with _new_names:
            if name not in self:
                self[name] = len(self._names)
                self._names.append(name)
            return self[name]


class Codes:
    """An interning of strings: the n-th new name gets the code n. Order of first use, never of hash().

    -1 is the code of 'no name' and decodes to None.
    """

    __slots__ = ("_numbers", "code", "names")

    code: Callable[[str | None], int]
    """The code of a name, a new one when it is seen for the first time; -1 for None."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.names = list(dict.fromkeys(names))
        self._numbers = _Numbers(self.names)
        self.code = self._numbers.__getitem__

    def __reduce__(self) -> tuple[Any, ...]:
        return Codes, (self.names,)

    def __len__(self) -> int:
        return len(self.names)

    def find(self, name: str) -> int:
        """The code of `name`, or -2 (a code that no row can hold) when it was never seen."""
        return self._numbers.get(name, -2)

    def name(self, code: int) -> str | None:
        """The name of `code`, None for -1. Raises IndexError for a code that was never given."""
        if code == -1:
            return None
        if code < 0:
            raise IndexError(f"{code} is not a code")
        return self.names[code]
