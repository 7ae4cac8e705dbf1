"""bindsim map: what it prints and keeps, and which scenarios have no map."""

import json
from pathlib import Path

import pytest

from tests.sim.conftest import Said

SMALL = ("--set", "workload.arrivals.batches.rate_per_s=0.2", "--set", "horizon.duration_s=10", "--replications", "1")


def test_the_map_of_a_scenario_is_printed_and_kept(said: Said, tmp_path: Path) -> None:
    status, out, err = said("map", "boot_storm", *SMALL, "--output", str(tmp_path / "map"))
    assert (status, err) == (0, f"results in {tmp_path / 'map'}\n")
    assert out.startswith("boot_storm, break-even map: p95 of create_port latency of deferred as a multiple\n")
    kept = json.loads((tmp_path / "map" / "summary.json").read_text())
    assert (kept["replications"], kept["duration_s"], len(kept["cells"])) == (1, 10.0, 10)


def test_json_is_what_is_kept(said: Said, tmp_path: Path) -> None:
    status, out, _ = said("map", "boot_storm", *SMALL, "--json", "--output", str(tmp_path / "map"))
    assert (status, json.loads(out)) == (0, json.loads((tmp_path / "map" / "summary.json").read_text()))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("boot_storm", "--strategies", "deferred"), "name two with --strategies"),
        (("rally_create_port",), "controllers is empty"),
        (("live_migration",), "workload.operations hold no create_port"),
    ],
    ids=["one strategy", "no controller", "no create"],
)
def test_what_has_no_map_is_refused(arguments: tuple[str, ...], sentence: str, said: Said) -> None:
    status, out, err = said("map", *arguments)
    assert (status, out) == (2, "")
    assert sentence in err
