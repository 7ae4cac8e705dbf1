"""How a table becomes a Parquet file: the columns that every file begins with, integer types, compression.

Used by the writer and by sim.results.history_files. pyarrow is loaded here only, and only when something is written.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.metrics import Codes

if TYPE_CHECKING:
    import pyarrow as pa

ARROW_WIDTHS = {"b": "int8", "h": "int16", "i": "int32", "q": "int64"}  # struct's letter -> Arrow's type
Integers = np.ndarray[Any, np.dtype[np.int64]]


def file_name(table: str) -> str:
    """The file that holds a table."""
    return f"{table}.parquet"


def batch(strategy: str, replication: int, columns: "dict[str, pa.Array]") -> "pa.Table":
    """Columns of one replication, after the two that say which."""
    import pyarrow as pa

    rows = len(next(iter(columns.values())))
    leading = {
        "strategy": pa.array([strategy], pa.string()).take(pa.array(np.zeros(rows, dtype=np.int32))),
        "replication": pa.array(np.full(rows, replication, dtype=np.int32)),
    }
    return pa.table({**leading, **columns})


def as_text(values: Integers, codes: Codes) -> "pa.Array":
    """A column of codes as the words that they stand for, null where there is none."""
    import pyarrow as pa

    return pa.array(codes.names, pa.string()).take(pa.array(values, mask=values < 0))


def as_integers(values: Integers, width: str) -> "pa.Array":
    """A column of integers in the type of its width."""
    import pyarrow as pa

    return pa.array(values.astype(ARROW_WIDTHS[width]))


def parquet_writer(path: Path, schema: "pa.Schema") -> Any:
    """A file to which batches of this schema are appended."""
    import pyarrow.parquet as pq

    return pq.ParquetWriter(path, schema, compression="zstd")
