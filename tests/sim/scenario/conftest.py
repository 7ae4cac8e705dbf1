"""A small valid scenario as plain data and as text, for the tests of this folder."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.scenario import ScenarioError, load_scenario

SMALL = """\
question: Is it small?
horizon: {duration_s: 10}
workload:
  arrivals:
    poisson: {rate_per_s: 5}
  operations:
    - operation: create_port
drivers:
  - {name: sdn, kind: controller, controller: sdn}
controllers:
  - {name: sdn, latency: {bind: 0.5}}
primary_metric: latency_s.create_port.p95
"""

_DATA: dict[str, Any] = {
    "question": "Is it small?",
    "horizon": {"duration_s": 10},
    "workload": {"arrivals": {"poisson": {"rate_per_s": 5}}, "operations": [{"operation": "create_port"}]},
    "drivers": [{"name": "sdn", "kind": "controller", "controller": "sdn"}],
    "controllers": [{"name": "sdn", "latency": {"bind": 0.5}}],
    "primary_metric": "latency_s.create_port.p95",
}


@pytest.fixture
def data() -> dict[str, Any]:
    return copy.deepcopy(_DATA)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """The file of the small scenario."""
    path = tmp_path / "small.yaml"
    path.write_text(SMALL)
    return path


@pytest.fixture
def refused(tmp_path: Path) -> Callable[..., list[str]]:
    """What is said about the small scenario after replacing text in it, one sentence a problem, without the folder."""

    def _refused(old: str, new: str, *overrides: str) -> list[str]:
        path = tmp_path / "s.yaml"
        assert old in SMALL
        path.write_text(SMALL.replace(old, new))
        with pytest.raises(ScenarioError) as error:
            load_scenario(path, overrides)
        return str(error.value).replace(f"{tmp_path}/", "").splitlines()

    return _refused
