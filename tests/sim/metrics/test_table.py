import pickle

import numpy as np
import pytest

from sim.metrics import Codes, Column, Table, WrongRow


def sample() -> Table:
    words = Codes()
    table = Table("sample", (Column("operation", "i"), Column("kind", "b", words), Column("ended_us", "q")))
    table.append(0, words.code("update"), 1_500_000)
    table.append(1, words.code("create"), -1)
    table.append(2, -1, 2**40)
    return table


def test_rows_come_back_in_the_order_of_appending() -> None:
    assert sample().to_numpy().tolist() == [(0, 0, 1_500_000), (1, 1, -1), (2, -1, 2**40)]
    assert sample().column("ended_us").tolist() == [1_500_000, -1, 2**40]


def test_a_table_can_grow_while_its_columns_are_in_use() -> None:
    table = sample()
    rows, ended = table.to_numpy(), table.column("ended_us")
    table.append(3, 0, 7)
    assert (len(rows), len(ended), len(table)) == (3, 3, 4)


def test_a_frame_has_seconds_and_names_instead_of_microseconds_and_codes() -> None:
    frame = sample().frame()
    assert list(frame.columns) == ["operation", "kind", "ended_s"]
    assert frame["kind"].tolist()[:2] == ["update", "create"]
    assert frame["kind"].isna().tolist() == [False, False, True]
    assert frame["ended_s"].iloc[0] == 1.5
    assert np.isnan(frame["ended_s"].iloc[1])


def test_categories_do_not_depend_on_the_order_of_first_use() -> None:
    assert list(sample().frame()["kind"].cat.categories) == ["create", "update"]


def test_a_pickled_table_keeps_its_rows_and_can_grow_on() -> None:
    copy = pickle.loads(pickle.dumps(sample()))
    copy.append(3, 0, 4)
    assert len(copy) == 4
    assert copy.to_numpy()[:3].tolist() == sample().to_numpy().tolist()


@pytest.mark.parametrize("row", [(1, 2), (1, 2, 3, 4), (1, 200, 3), (2**31, 0, 0), (1, 0, 0.5)])
def test_a_row_that_does_not_fit_is_refused_with_the_columns_named(row: tuple[int, ...]) -> None:
    table = sample()
    with pytest.raises(WrongRow, match=r"table sample .*operation"):
        table.append(*row)
    assert len(table) == 3


def test_an_unknown_column_is_refused_with_the_known_ones() -> None:
    with pytest.raises(KeyError, match="ended_us"):
        sample().column("end_us")


def test_an_empty_table_has_columns_and_no_rows() -> None:
    empty = Table("empty", (Column("operation", "i"), Column("kind", "b", Codes()), Column("ended_us", "q")))
    assert (len(empty.to_numpy()), len(empty.column("kind")), len(empty.frame())) == (0, 0, 0)
    assert list(empty.frame().columns) == ["operation", "kind", "ended_s"]
