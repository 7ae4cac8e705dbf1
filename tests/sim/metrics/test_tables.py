import pickle

from sim.metrics import Tables


def test_the_tables_are_those_of_the_design() -> None:
    assert [table.name for table in Tables.empty().all()] == [
        "operations", "attempts", "transactions", "driver_calls", "lock_waits", "levels", "conflicts",
    ]  # fmt: skip


def test_two_runs_share_no_vocabulary() -> None:
    one, other = Tables.empty(), Tables.empty()
    one.words.kinds.code("create_port")
    assert len(other.words.kinds) == 0


def test_pickled_tables_still_share_their_words() -> None:
    tables = pickle.loads(pickle.dumps(Tables.empty()))
    assert tables.conflicts.codes("transaction") is tables.transactions.codes("name")
    assert tables.words.transactions is tables.transactions.codes("name")


def test_a_million_operations_with_their_rows_stay_under_a_gigabyte() -> None:
    tables = Tables.empty()
    rows_an_operation = {
        "operations": 1, "attempts": 1, "transactions": 3, "driver_calls": 6, "lock_waits": 2, "levels": 10,
        "conflicts": 1,
    }  # fmt: skip
    for table in tables.all():
        table.append(*[0] * len(table.columns))
    bytes_an_operation = sum(rows_an_operation[table.name] * table.size_bytes for table in tables.all())
    assert bytes_an_operation * 1_000_000 < 1e9
