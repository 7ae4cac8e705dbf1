from pathlib import Path

import pytest

from sim.metrics import Table, Tables

PAGE = (Path(__file__).parents[3] / "docs" / "results.md").read_text()


@pytest.mark.parametrize("table", Tables.empty().all(), ids=lambda table: table.name)
def test_the_page_on_results_names_every_column_of_every_table(table: Table) -> None:
    section = PAGE.split(f"### {table.name}\n")[1].split("\n### ")[0]
    missing = [column.frame_name for column in table.columns if f"`{column.frame_name}`" not in section]
    assert missing == []
