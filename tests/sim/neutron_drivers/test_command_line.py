"""What a user is told on the command line about drivers of kind `neutron`."""

import json

import pytest

from sim.cli import main
from tests.sim.neutron_drivers.switchboard import fake
from tests.sim.neutron_drivers.test_in_scenarios import busy


def run(tmp_path, capsys, driver: str, *options: str) -> tuple[int, str]:
    file = tmp_path / "vendor.yaml"
    data = busy("Binding").model_dump(mode="json", by_alias=True, exclude_none=True)
    data["workload"]["arrivals"] = {"poisson": {"rate_per_s": 5}}
    data["drivers"] = [{"name": "vendor", "kind": "neutron", "driver": driver}]
    file.write_text(json.dumps(data), encoding="utf-8")
    status = main(["run", str(file), "--output", str(tmp_path / "out"), *options])
    return status, capsys.readouterr().err


@pytest.mark.parametrize("options", [[], ["--replications", "2", "--workers", "2"]], ids=["here", "in workers"])
def test_a_driver_that_blocks_is_told_in_one_line_with_status_2(tmp_path, capsys, options) -> None:
    status, said = run(tmp_path, capsys, fake("Sleeping"), *options)
    [line] = [line for line in said.splitlines() if line.startswith("bindsim: ")]
    assert status == 2
    assert (
        "failed: driver vendor, bind_port: calls time.sleep, which virtual time cannot wait for; say how long" in line
    )
    assert not (tmp_path / "out").exists()


def test_a_driver_that_there_is_not_is_told_so(tmp_path, capsys) -> None:
    status, said = run(tmp_path, capsys, "no_such_entry")
    assert status == 2
    assert "driver no_such_entry: no such entry point in neutron.ml2.mechanism_drivers; there are: " in said


def test_a_module_that_ends_the_process_when_it_is_imported_is_told_so(tmp_path, capsys, monkeypatch) -> None:
    (tmp_path / "leaving.py").write_text("import sys\nsys.exit('no configuration')\n")
    monkeypatch.syspath_prepend(tmp_path)
    status, said = run(tmp_path, capsys, "leaving:Driver")
    assert status == 2
    assert "failed: driver leaving:Driver: cannot be imported: SystemExit: no configuration" in said


def test_a_driver_that_runs_leaves_a_result(tmp_path, capsys) -> None:
    status, said = run(tmp_path, capsys, fake("Binding"))
    assert (status, said.splitlines()) == (0, [f"results in {tmp_path / 'out'}"])
    assert (tmp_path / "out" / "manifest.json").is_file()
