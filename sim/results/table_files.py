"""The Parquet files of a result while it is being written: one a table, rows sorted by strategy and replication.

Used by the writer. Where the replications come strategy by strategy they are appended as they come. Where they come in
rounds (a few of each strategy, then a few more) each strategy has a part file of its own, and the parts are joined at
the end, one batch at a time, so that never more than one is in memory. The joined file has the same bytes as one that
was appended to in order.
"""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.results.parquet import file_name, parquet_writer

if TYPE_CHECKING:
    import pyarrow as pa

_PARTS = ".parts"


class TableFiles:
    """The open files in `folder`. Close them by `finish` or, to give up, by `close`."""

    def __init__(self, folder: Path, *, in_rounds: bool) -> None:
        self._folder, self._in_rounds = folder, in_rounds
        self._files: dict[tuple[str, str], Any] = {}  # by table and strategy; in order: by table alone
        self._places: dict[str, int] = {}

    def append(self, name: str, strategy: str, rows: "pa.Table") -> None:
        """Rows of one replication. Within a strategy they must come in the order of the replications."""
        key = (name, strategy if self._in_rounds else "")
        if key not in self._files:
            self._files[key] = parquet_writer(self._path(name, strategy), rows.schema)
        self._files[key].write_table(rows)

    def close(self) -> None:
        """Closes what is open."""
        for file in self._files.values():
            file.close()

    def finish(self) -> None:
        """Closes the files, and joins the parts."""
        self.close()
        if self._in_rounds:
            for name in dict.fromkeys(name for name, _ in self._files):
                _join([self._path(name, strategy) for strategy in self._places], self._folder / file_name(name))
            shutil.rmtree(self._folder / _PARTS, ignore_errors=True)
        self._files.clear()

    def _path(self, name: str, strategy: str) -> Path:
        if not self._in_rounds:
            return self._folder / file_name(name)
        place = self._places.setdefault(strategy, len(self._places))
        parts = self._folder / _PARTS / str(place)  # a number, since a strategy's name may be no file name
        parts.mkdir(parents=True, exist_ok=True)
        return parts / file_name(name)


def _join(parts: list[Path], target: Path) -> None:
    """The parts one after the other. A strategy without a part has no rows of this table."""
    import pyarrow.parquet as pq

    files = [pq.ParquetFile(part) for part in parts if part.is_file()]
    with parquet_writer(target, files[0].schema_arrow) as joined:
        for file in files:
            for group in range(file.num_row_groups):
                joined.write_table(file.read_row_group(group))
            file.close()
