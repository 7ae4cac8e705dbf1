"""One column of a CSV file: read, filtered, checked, and with what identifies it.

Used by the other modules of sim.fitting. It says what is wrong with a file; it fits nothing.
"""

import gzip
import hashlib
import io
import sys
import zlib
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.scenario import Problem, ScenarioError

if TYPE_CHECKING:
    import pandas as pd

FEWEST_ROWS = 20  # below, the 95th percentile is the largest value: assumption
UNITS = {"s": 1.0, "ms": 1e-3, "us": 1e-6}  # seconds in each

Numbers = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Column:
    """The values of a column, ascending: seconds, or counts. `rows` are those of the file, `without` had no value."""

    values: Numbers
    file: str
    name: str
    where: str
    rows: int
    without: int
    sha256: str  # of the file as it is, compressed or not


def read_column(file: str | Path, name: str, *, where: str = "", unit: str = "s") -> Column:
    """The column `name` of the rows for which `where` holds (pandas' query syntax), from `unit` to seconds.

    The file may be compressed by gzip; '-' is standard input. Rows without a value are left out and counted. Raises
    ScenarioError, which names file, column or expression, for everything that is wrong with them.
    """
    content = _content(str(file))
    frame = _frame(content, str(file))
    chosen = _column(_chosen(frame, where), name, str(file))
    values = _numbers(chosen, name, str(file))
    kept = values[~np.isnan(values)]
    if len(kept) < FEWEST_ROWS:
        found = f"'{name}' has {len(kept)} values{' where ' + where if where else ''}"
        raise _problem(str(file), f"{found}; at least {FEWEST_ROWS} are needed")
    return Column(
        values=np.sort(kept * UNITS[unit]), file=str(file), name=name, where=where, rows=len(frame),
        without=len(values) - len(kept), sha256=hashlib.sha256(content).hexdigest(),
    )  # fmt: skip


def _problem(place: str, sentence: str) -> ScenarioError:
    return ScenarioError([Problem(place, (), sentence)])


def _content(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise _problem(file, f"cannot be read: {error.strerror or error}") from None


def _frame(content: bytes, file: str) -> "pd.DataFrame":
    import pandas as pd

    try:
        text = gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
        return pd.read_csv(io.BytesIO(text), low_memory=False)
    except (ValueError, EOFError, OSError, zlib.error) as error:  # pandas' own errors are ValueErrors
        raise _problem(file, f"is no CSV table: {' '.join(str(error).split())}") from None


def _chosen(frame: "pd.DataFrame", where: str) -> "pd.DataFrame":
    """The rows that the expression is true for."""
    if not where:
        return frame
    try:
        chosen = frame.query(where, engine="python")
    except Exception as error:  # an expression is a program: it can fail in any way
        names = ", ".join(map(str, frame.columns))
        raise _problem(f"--where {where}", f"cannot be evaluated: {_first_line(error)}; columns: {names}") from None
    if not isinstance(chosen, type(frame)) or len(chosen.columns) != len(frame.columns):
        raise _problem(f"--where {where}", "chooses no rows; it must be true or false for each, such as size > 2")
    if not len(chosen):
        raise _problem(f"--where {where}", f"is true for none of the {len(frame):,} rows")
    return chosen


def _first_line(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)


def _column(frame: "pd.DataFrame", name: str, file: str) -> "pd.Series[Any]":
    known = [str(column) for column in frame.columns]
    if name in known:
        return frame[frame.columns[known.index(name)]]
    near = get_close_matches(name, known, n=1)
    guess = f"did you mean '{near[0]}'? " if near else ""
    raise _problem(file, f"has no column '{name}'; {guess}columns: {', '.join(known)}")


def _numbers(column: "pd.Series[Any]", name: str, file: str) -> Numbers:
    """NaN where there is no value."""
    import pandas as pd

    values: Numbers = np.asarray(pd.to_numeric(column, errors="coerce"), dtype=np.float64)
    wrong = (np.isnan(values) & column.notna().to_numpy()) | np.isinf(values) | (values < 0)
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        row, found = int(column.index[place]) + 1, column.iloc[place]
        told = f"'{name}' is {found!s} in row {row:,}"
        raise _problem(file, f"{told}: must be a finite number, not below 0; --where can leave rows out")
    return values
