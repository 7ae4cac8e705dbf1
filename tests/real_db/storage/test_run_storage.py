"""bindsim run --storage: the same result as without, over a server that is started for it."""

import json
from pathlib import Path

import pytest

from sim.cli.entry import main
from sim.servers import PRIVATE

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
