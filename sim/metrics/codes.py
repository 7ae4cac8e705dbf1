"""Names as small integers: what lets a table hold a word in one or two bytes.

The recorder asks for a code once a name and appends the code; a reader of the table turns codes back into
names. A code has a meaning only together with its `Codes`; nothing outside a run's tables stores one.
"""

from collections.abc import Iterable


class Codes:
    """An interning of strings: the n-th new name gets the code n. Order of first use, never of hash().

    -1 is the code of 'no name' and decodes to None.
    """

    __slots__ = ("_codes", "names")

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.names: list[str] = []
        self._codes: dict[str, int] = {}
        for name in names:
            self.code(name)

    def __len__(self) -> int:
        return len(self.names)

    def code(self, name: str | None) -> int:
        """The code of `name`, a new one when it is seen for the first time; -1 for None."""
        if name is None:
            return -1
        found = self._codes.get(name)
        if found is None:
            found = self._codes[name] = len(self.names)
            self.names.append(name)
        return found

    def find(self, name: str) -> int:
        """The code of `name`, or -2 (a code that no row can hold) when it was never seen."""
        return self._codes.get(name, -2)

    def name(self, code: int) -> str | None:
        """The name of `code`, None for -1. Raises IndexError for a code that was never given."""
        if code == -1:
            return None
        if code < 0:
            raise IndexError(f"{code} is not a code")
        return self.names[code]
