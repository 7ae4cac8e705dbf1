"""A table of integers that grows by one row at a time without keeping a Python object a row.

The recorder appends; metrics and result files read. A row is packed into one growing buffer with the width
that each column declares. Nothing here knows what the columns mean.

An append of 15 columns takes 0.5 us and 55 bytes, against 0.6 us and 120 bytes for `array('q').extend(row)`,
which would also take a row of the wrong length (`python tests/sim/metrics/measure_table.py`, one run on a
busy machine).
"""

import struct
from collections.abc import Callable, Iterator
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.metrics.codes import Codes

if TYPE_CHECKING:
    import pandas as pd

_DTYPES = {"b": "<i1", "h": "<i2", "i": "<i4", "q": "<i8"}  # struct's letter -> numpy's


class WrongRow(Exception):
    """A row does not fit its table: too few or too many values, or one that its column cannot hold."""


class Column(NamedTuple):
    """One column: its name (unit last), its width as struct's letter (b, h, i, q), the names of its codes."""

    name: str
    width: str
    codes: Codes | None = None

    @property
    def is_time(self) -> bool:
        """Whether the column counts microseconds; then -1 means 'never'."""
        return self.name.endswith("_us")

    @property
    def frame_name(self) -> str:
        """The column's name where it is shown to people: seconds instead of microseconds."""
        return f"{self.name[:-3]}_s" if self.is_time else self.name


class Table:
    """A named table of integer columns, appended in place.

    `append(*values)` takes one integer a column, in the columns' order, and raises WrongRow for anything
    else.
    """

    append: Callable[..., None]

    def __init__(self, name: str, columns: tuple[Column, ...], rows: bytes = b"") -> None:
        self.name = name
        self.columns = columns
        self._row = _packer("".join([column.width for column in columns]))
        self._buffer = bytearray(rows)
        self.append = self._appender()

    @cached_property
    def _dtype(self) -> np.dtype[Any]:
        return np.dtype([(column.name, _DTYPES[column.width]) for column in self.columns])

    def _appender(self) -> Callable[..., None]:
        # A closure, since a method would pay for three attribute look-ups a row; without the table in it, which would
        # keep all rows until the garbage collector comes by.
        buffer, pack = self._buffer, self._row.pack
        name, columns = self.name, self.columns

        def append(*values: int) -> None:
            nonlocal buffer
            try:
                buffer += pack(*values)
            except struct.error as problem:
                raise _wrong_row(name, columns, values, problem) from None

        return append

    def __reduce__(self) -> tuple[Any, ...]:
        return Table, (self.name, self.columns, bytes(self._buffer))

    def __len__(self) -> int:
        return len(self._buffer) // self._row.size

    @property
    def size_bytes(self) -> int:
        """Bytes of all rows."""
        return len(self._buffer)

    def to_numpy(self) -> np.ndarray[Any, Any]:
        """A copy of all rows as a structured array, in the order of appending."""
        return np.frombuffer(bytes(self._buffer), dtype=self._dtype, count=len(self))

    def rows(self) -> Iterator[tuple[int, ...]]:
        """The rows as tuples, in the order of appending: what a small table is read with, without numpy."""
        return self._row.iter_unpack(bytes(self._buffer))

    def tail(self, from_byte: int) -> bytes:
        """A copy of the rows behind the first `from_byte` bytes, packed; `size_bytes` at some time is such a place."""
        return bytes(self._buffer[from_byte:])

    def column(self, name: str) -> np.ndarray[Any, np.dtype[np.int64]]:
        """A copy of one column as 64-bit integers. Raises KeyError for an unknown name."""
        if name not in (self._dtype.names or ()):
            raise KeyError(f"table {self.name} has no column {name}; it has {self._dtype.names}")
        # The view ends with this statement: while one lives the buffer cannot grow.
        return np.frombuffer(self._buffer, dtype=self._dtype, count=len(self))[name].astype(np.int64)

    def codes(self, name: str) -> Codes:
        """The names behind a column of codes. Raises KeyError for a column of plain integers."""
        for column in self.columns:
            if column.name == name and column.codes is not None:
                return column.codes
        raise KeyError(f"column {name} of table {self.name} holds no codes")

    def frame(self) -> "pd.DataFrame":
        """The rows as a DataFrame: seconds as floats (NaN for never), codes as categories of names."""
        import pandas as pd

        return pd.DataFrame({column.frame_name: self._series(column) for column in self.columns})

    def _series(self, column: Column) -> Any:
        values = self.column(column.name)
        if column.codes is not None:
            return _categories(values, column.codes)
        if column.is_time:
            return np.where(values == -1, np.nan, values / 1e6)
        return values


@cache
def _packer(widths: str) -> struct.Struct:
    return struct.Struct(f"<{widths}")


def _wrong_row(name: str, columns: tuple[Column, ...], values: tuple[Any, ...], problem: struct.error) -> WrongRow:
    names = ", ".join(f"{column.name} ({column.width})" for column in columns)
    return WrongRow(f"table {name} cannot take the row {values}: {problem}; its columns: {names}")


def _categories(values: np.ndarray[Any, np.dtype[np.int64]], codes: Codes) -> Any:
    """Categories in alphabetical order, since the order of first use differs between strategies."""
    import pandas as pd

    names = pd.Index(sorted(codes.names), dtype="str")
    # The last place is that of code -1: no name.
    rank = np.append(names.get_indexer(pd.Index(codes.names)), -1)
    return pd.Categorical.from_codes(rank[values], categories=names)
