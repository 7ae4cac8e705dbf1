"""bindsim run --storage: the same result as without, over a server that is started for it."""

import json
from pathlib import Path

import pytest

from sim.cli.entry import main
from sim.scenario import load_scenario
from sim.servers import PRIVATE, RunDatabase
from sim.simulation import run

pytestmark = pytest.mark.databases

ASKED = ("run", "hot_port", "--set", "horizon.duration_s=5", "--replications", "2", "--json", "--force")


@pytest.mark.parametrize("kind", PRIVATE)
def test_a_run_over_a_private_server_prints_what_it_prints_without(
    kind: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    expected = main([*ASKED, "--output", str(tmp_path / "sqlite")])
    printed = json.loads(capsys.readouterr().out)
    assert main([*ASKED, "--storage", kind, "--output", str(tmp_path / "stored")]) == expected
    out, err = capsys.readouterr()
    assert json.loads(out) == printed
    assert "in virtual time, the rows in " in err
    tables = sorted(path.name for path in (tmp_path / "sqlite").glob("*.parquet"))
    assert len(tables) >= 7
    for name in tables:
        assert (tmp_path / "stored" / name).read_bytes() == (tmp_path / "sqlite" / name).read_bytes(), name


def test_a_run_at_a_url_leaves_no_schema(database: RunDatabase) -> None:
    scenario = load_scenario("hot_port", ["horizon.duration_s=3"])
    stored = run(scenario, storage=database.address.url)
    assert stored.outcome == "ok"
    assert stored.tables.operations.to_numpy().tobytes() == run(scenario).tables.operations.to_numpy().tobytes()
    name = (
        "nspname FROM pg_namespace" if database.kind == "postgresql" else "schema_name FROM information_schema.schemata"
    )
    engine = database.engine()
    with engine.connect() as connection:
        left = [row[0] for row in connection.exec_driver_sql(f"SELECT {name}") if row[0].startswith("bindsim_")]
    engine.dispose()
    assert left == [database.name]
