"""Databases that are used again: empty, as new, and never by two."""

import sqlite3
from collections.abc import Iterator

import pytest

from core import schema
from sim.database import empty_sqlite
from sim.database.storage import Storage

NETWORKS = [{"id": f"n{n}", "name": "x"} for n in range(3)]
SEGMENTS = [{"id": "s", "network_id": "n1", "segment_index": 0, "network_type": "vlan", "physical_network": "p",
             "segmentation_id": 1}]  # fmt: skip


@pytest.fixture(autouse=True)
def no_spares(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(empty_sqlite, "_spare", [])
    yield
    for connection in empty_sqlite._spare:
        connection.close()


def image(connection: sqlite3.Connection) -> list[str]:
    """Everything in the database, as the statements that would make it."""
    return list(connection.iterdump())


def test_a_database_comes_back_empty_with_its_tables() -> None:
    first = empty_sqlite.borrowed()
    as_new = image(first)
    first.execute("INSERT INTO networks VALUES ('n', 'x')")
    empty_sqlite.give_back(first)
    again = empty_sqlite.borrowed()
    assert again is first
    assert image(again) == as_new
    again.close()


def test_children_and_parents_and_what_was_never_committed_are_gone() -> None:
    storage = Storage()
    storage.load(schema.networks, NETWORKS)
    storage.load(schema.network_segments, SEGMENTS)
    storage._run("BEGIN")
    storage._run("DELETE FROM network_segments")
    storage._run("SAVEPOINT tried")
    storage.close()
    after = Storage()
    assert after.committed("SELECT * FROM networks") == after.committed("SELECT * FROM network_segments") == []
    after.load(schema.networks, NETWORKS)
    assert len(after.committed("SELECT * FROM networks")) == 3
    after.close()


def test_two_open_ones_are_two_databases() -> None:
    one, other = Storage(), Storage()
    one.load(schema.networks, NETWORKS)
    assert other.committed("SELECT * FROM networks") == []
    one.close()
    other.close()


def test_a_closed_storage_can_be_asked_nothing() -> None:
    storage = Storage()
    storage.close()
    storage.close()
    with pytest.raises(sqlite3.ProgrammingError, match="the storage is closed"):
        storage.committed("SELECT * FROM networks")
    with pytest.raises(sqlite3.ProgrammingError, match="the storage is closed"):
        storage.load(schema.networks, NETWORKS)
    assert len(empty_sqlite._spare) == 1


def test_a_large_database_is_not_kept() -> None:
    storage = Storage()
    storage.load(schema.networks, ({"id": f"n{n}", "name": "x" * 250} for n in range(5_000)))
    storage.close()
    assert empty_sqlite._spare == []


def test_only_a_few_are_kept() -> None:
    for storage in [Storage() for _ in range(10)]:
        storage.close()
    assert len(empty_sqlite._spare) == 4
