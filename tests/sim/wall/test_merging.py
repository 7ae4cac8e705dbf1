"""The tables of several processes as one: in the order of time, and every code still means what it meant."""

from pathlib import Path

from sim.kernel.realtime import RealClock
from sim.metrics import Tables
from sim.wall.event_log import EventLog, read_events
from sim.wall.merging import counted, merged, tables_in
from sim.wall.recorder import Rows


class _Counts:
    """As much of a recorder as is written down at the end."""

    def __init__(self, **counts: int) -> None:
        self.counts = counts


def _transaction(tables: Tables, name: str, *, operation: int, ended_us: int) -> None:
    words = tables.words
    tables.transactions.append(
        operation, words.transactions.code(name), 0, ended_us - 10, ended_us, 0, 5, 0, 0, 5, 3,
        words.transaction_outcomes.code("committed"),
    )  # fmt: skip


def _names(tables: Tables) -> list[tuple[int, str]]:
    table = tables.transactions
    names = table.codes("name").names
    return [(operation, names[code]) for operation, code, *_ in table.rows()]


def test_rows_are_in_the_order_of_time_and_codes_are_translated() -> None:
    one, other = Tables.empty(), Tables.empty()
    _transaction(one, "update_port", operation=1, ended_us=100)
    _transaction(one, "get_port", operation=3, ended_us=300)
    _transaction(other, "get_port", operation=2, ended_us=200)
    assert _names(merged([one, other])) == [(1, "update_port"), (2, "get_port"), (3, "get_port")]


def test_tables_without_rows_stay_so() -> None:
    assert [len(table) for table in merged([Tables.empty(), Tables.empty()]).all()] == [0] * 7


def test_rows_that_were_handed_over_in_parts_are_whole_again(tmp_path: Path) -> None:
    tables = Tables.empty()
    log = EventLog(tmp_path / "a.log", RealClock(), slot=0)
    rows = Rows(tables, _Counts(retries=3), log)  # type: ignore[arg-type]
    _transaction(tables, "update_port", operation=1, ended_us=100)
    rows.flush()
    rows.flush()
    _transaction(tables, "get_port", operation=2, ended_us=200)
    rows.finish()
    log.close()
    found, counts = tables_in(read_events(tmp_path / "a.log"))
    assert _names(found) == _names(tables)
    assert counts == {"retries": 3}
    assert [event.what for event in read_events(tmp_path / "a.log")] == ["rows", "rows", "counts"]


def test_of_a_process_that_was_killed_the_rows_remain_that_it_had_handed_over(tmp_path: Path) -> None:
    tables = Tables.empty()
    log = EventLog(tmp_path / "a.log", RealClock(), slot=0)
    rows = Rows(tables, _Counts(retries=3), log)  # type: ignore[arg-type]
    _transaction(tables, "update_port", operation=1, ended_us=100)
    rows.flush()
    _transaction(tables, "get_port", operation=2, ended_us=200)
    log.close()
    found, counts = tables_in(read_events(tmp_path / "a.log"))
    assert (_names(found), counts) == ([(1, "update_port")], {})


def test_what_was_counted_is_added_up() -> None:
    assert counted([{"a": 1, "b": 2}, {}, {"b": 3}]) == {"a": 1, "b": 5}
