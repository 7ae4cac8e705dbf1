"""Histories on disk: one Parquet file a table, named history_<table>, and back again exactly as they were.

Called by the writer and the reader of results. In the files codes are words and everything else is the integer that was
recorded, so that a reader needs no vocabulary and the checker loses nothing. Two more files belong to them:
history_runs (the facts of each run, as JSON) and history_words (the words of each vocabulary in the order of their
codes), from which the same codes come back. docs/results.md describes every column. It decides nothing.
"""

import json
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sim.history import Facts, History, HistoryTables
from sim.history.tables import ROWS, Words, columns
from sim.metrics import Codes, Column, Table
from sim.results.folder import ResultError
from sim.results.parquet import as_integers, as_text, batch, file_name

if TYPE_CHECKING:
    import pyarrow as pa

RUNS, WORDS = "history_runs", "history_words"
HISTORY_FILES = (RUNS, WORDS, *(f"history_{name}" for name in ROWS))
"""The names of the tables on disk."""
_LATER = ("upper_levels",)
"""Columns that files of earlier versions do not have: none of their rows had anything to put there."""
_VOCABULARIES = tuple(each.name for each in fields(Words))


def has_history(folder: Path) -> bool:
    """Whether histories were saved with a result."""
    return (folder / file_name(RUNS)).is_file()


# writing


def history_batches(history: History, *, strategy: str, replication: int) -> "Iterator[tuple[str, pa.Table]]":
    """What one replication adds to each file, by the table's name on disk."""
    parts = {RUNS: _facts(history.facts), WORDS: _words(history.tables.words)}
    parts |= {f"history_{table.name}": _columns(table) for table in history.tables.all()}
    return ((name, batch(strategy, replication, part)) for name, part in parts.items())


def _facts(facts: Facts) -> "dict[str, pa.Array]":
    import pyarrow as pa

    return {"facts": pa.array([json.dumps(facts.data(), sort_keys=True)], pa.string())}


def _words(words: Words) -> "dict[str, pa.Array]":
    import pyarrow as pa

    pairs = [(vocabulary, word) for vocabulary in _VOCABULARIES for word in getattr(words, vocabulary).names]
    return {
        "vocabulary": pa.array([vocabulary for vocabulary, _ in pairs], pa.string()),
        "word": pa.array([word for _, word in pairs], pa.string()),
    }


def _columns(table: Table) -> "dict[str, pa.Array]":
    return {column.name: _column(table, column) for column in table.columns}


def _column(table: Table, column: Column) -> "pa.Array":
    values = table.column(column.name)
    return as_integers(values, column.width) if column.codes is None else as_text(values, column.codes)


# reading


def saved_histories(folder: Path) -> list[tuple[str, int]]:
    """The strategies and replications whose histories a result has, in the order of the files."""
    found = _read(folder, RUNS, where=None, as_codes=[])
    return list(zip(found["strategy"].to_pylist(), found["replication"].to_pylist(), strict=True))


def load_history(folder: Path, *, strategy: str, replication: int) -> History:
    """One history, as it was recorded. ResultError when the files do not hold it, or hold something else."""
    where = [("strategy", "==", strategy), ("replication", "==", replication)]
    try:
        [facts] = _read(folder, RUNS, where=where, as_codes=[])["facts"].to_pylist()
        words = _loaded_words(_read(folder, WORDS, where=where, as_codes=[]))
        tables = [_loaded_table(folder, name, where, columns(name, words)) for name in ROWS]
        return History(Facts.of(json.loads(facts)), HistoryTables(words, *tables))
    except (KeyError, TypeError, ValueError, OverflowError) as problem:
        told = f"the history of {strategy}, replication {replication}, in {folder} cannot be read"
        raise ResultError(f"{told}: {type(problem).__name__}: {problem}; run the command again") from None


def _loaded_words(saved: "pa.Table") -> Words:
    words = Words()
    for vocabulary, word in zip(saved["vocabulary"].to_pylist(), saved["word"].to_pylist(), strict=True):
        getattr(words, vocabulary).code(word)
    return words


def _loaded_table(folder: Path, name: str, where: list[tuple[str, str, object]], into: tuple[Column, ...]) -> Table:
    words = [column.name for column in into if column.codes is not None]
    saved = _read(folder, f"history_{name}", where=where, as_codes=words)
    empty = Table(name, into)
    rows = np.empty(len(saved), dtype=empty.to_numpy().dtype)
    for column in into:
        if column.name in _LATER and column.name not in saved.column_names:
            rows[column.name] = -1
        else:
            rows[column.name] = _values(saved[column.name], column.codes)
    return Table(name, into, rows.tobytes())


def _values(saved: "pa.ChunkedArray", codes: Codes | None) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """A column as the integers that it was written from."""
    if codes is None:
        return np.asarray(saved.to_numpy(), dtype=np.int64)
    parts = [_codes(chunk, codes) for chunk in saved.chunks]
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)


def _codes(chunk: "pa.DictionaryArray", codes: Codes) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    known = np.array([codes.code(word) for word in chunk.dictionary.to_pylist()] + [-1], dtype=np.int64)
    # The last place is that of null: no word.
    places: np.ndarray[tuple[int], np.dtype[np.int64]] = chunk.indices.fill_null(len(known) - 1).to_numpy()
    return known[places]


def _read(folder: Path, name: str, *, where: list[tuple[str, str, object]] | None, as_codes: list[str]) -> "pa.Table":
    import pyarrow.parquet as pq

    path = folder / file_name(name)
    try:
        return pq.read_table(path, filters=where, read_dictionary=as_codes)
    except (OSError, ValueError) as problem:
        raise ResultError(f"{path} cannot be read: {problem}; run the command again") from None
