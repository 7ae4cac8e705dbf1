import subprocess
import sys

import pytest

import sim


def test_the_door_offers_five_names() -> None:
    assert dir(sim) == ["check", "compare", "load_run", "load_scenario", "run"]
    assert callable(sim.check)
    assert callable(sim.load_run)
    assert callable(sim.compare)
    assert callable(sim.load_scenario)


def test_another_name_is_refused_with_those_five() -> None:
    with pytest.raises(AttributeError, match="load_scenario, run"):
        _ = sim.simulate


def test_importing_the_experiments_loads_no_heavy_library() -> None:
    code = "import sim.experiment, sim.results, sim.report.terminal, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"pandas", "scipy", "pyarrow", "matplotlib"}.isdisjoint(done.stdout.split())
