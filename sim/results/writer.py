"""Writing a result folder: whole or not at all. Called by sim.experiment; it computes nothing.

Everything but the manifest is the same bytes for the same seed; wall-clock readings are in the manifest only.
"""

import csv
import io
import json
import os
import shutil
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from sim.history import History
from sim.metrics import Column, Table, Tables
from sim.results.folder import SCHEMA_VERSION, ResultError, RunIdentity, check_replaceable, digest
from sim.results.history_files import history_batches
from sim.results.loading import load_whole
from sim.results.parquet import as_integers, as_text, batch
from sim.results.provenance import provenance
from sim.results.table_files import TableFiles

if TYPE_CHECKING:
    import pyarrow as pa


class ResultWriter:
    """Writes one result folder. Use it in a `with`: leaving it before `finish` leaves nothing behind.

    Replications are added strategy by strategy or, with `in_rounds`, a few of each and then a few more; always in the
    order of their numbers within a strategy, and the strategies in the same order.
    """

    def __init__(self, folder: Path, identity: RunIdentity, *, force: bool = False, in_rounds: bool = False) -> None:
        self._folder, self._identity = folder, identity
        self._replaces = check_replaceable(folder, identity, force=force)
        self._began_s, self._began_at = time.monotonic(), datetime.now(UTC)
        self._partial = folder.parent / f".{folder.name}.{os.getpid()}.partial"
        self._files = TableFiles(self._partial, in_rounds=in_rounds)

    def __enter__(self) -> Self:
        load_whole("pyarrow.parquet")  # before there is anything that an interrupt would leave behind
        try:
            shutil.rmtree(self._partial, ignore_errors=True)
            self._partial.mkdir(parents=True)
        except OSError as problem:
            raise ResultError(f"cannot write results to {self._folder}: {problem.strerror}") from None
        return self

    def __exit__(self, *_: object) -> None:
        self._files.close()
        shutil.rmtree(self._partial, ignore_errors=True)

    def add(self, tables: Tables, *, strategy: str, replication: int) -> None:
        """Append the tables of one replication."""
        for table in tables.all():
            self._files.append(table.name, strategy, _batch(table, strategy, replication))

    def add_history(self, history: History, *, strategy: str, replication: int) -> None:
        """Append the history of one replication, in the same order."""
        for name, rows in history_batches(history, strategy=strategy, replication=replication):
            self._files.append(name, strategy, rows)

    def add_text(self, name: str, text: str) -> None:
        """One more file of the result."""
        (self._partial / name).write_text(text)

    def finish(
        self, *, summary: dict[str, Any], rows: list[dict[str, Any]], scenario: dict[str, Any], command: str = "",
        origin: Sequence[str] = (),
    ) -> Path:  # fmt: skip
        """Write summary and manifest and move the folder into its place.

        `command` is what was typed, `origin` the scenario as `bindsim run` is told it.
        """
        self._files.finish()
        (self._partial / "summary.json").write_text(_json(summary))
        (self._partial / "summary.csv").write_text(_csv(rows))
        (self._partial / "manifest.json").write_text(_json(self._manifest(scenario, command, origin)))
        _move_into_place(self._partial, self._folder, replaces=self._replaces)
        return self._folder

    def _manifest(self, scenario: dict[str, Any], command: str, origin: Sequence[str]) -> dict[str, Any]:
        return {
            "schema_version": SCHEMA_VERSION,
            "status": "complete",
            "run": self._identity.data(),
            "command": command,
            "origin": list(origin),
            "files": {path.name: digest(path) for path in sorted(self._partial.iterdir())},
            "scenario": scenario,
            **provenance(),
            "began_at": self._began_at.isoformat(timespec="seconds"),
            "wall_s": round(time.monotonic() - self._began_s, 3),
        }


def _move_into_place(partial: Path, folder: Path, *, replaces: bool) -> None:
    if not replaces:
        partial.rename(folder)
        return
    # Two renames: between them the old result is beside its place, whole, under a name that says so.
    old = folder.parent / f".{folder.name}.{os.getpid()}.replaced"
    folder.rename(old)
    partial.rename(folder)
    shutil.rmtree(old)


def _json(data: dict[str, Any]) -> str:
    return json.dumps(data, indent=2, ensure_ascii=True, allow_nan=False) + "\n"


def _csv(rows: list[dict[str, Any]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _batch(table: Table, strategy: str, replication: int) -> "pa.Table":
    return batch(strategy, replication, {column.frame_name: _arrow(table, column) for column in table.columns})


def _arrow(table: Table, column: Column) -> "pa.Array":
    """A column as a file holds it: names as text, times in seconds, null where there is none."""
    import pyarrow as pa

    values = table.column(column.name)
    if column.codes is not None:
        return as_text(values, column.codes)
    if column.is_time:
        return pa.array(values / 1e6, mask=values == -1)
    return as_integers(values, column.width)
