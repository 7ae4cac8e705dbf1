"""Recorded arrivals."""

from pathlib import Path

import pytest

from sim.scenario import Scenario, ScenarioError, TraceArrival, load_scenario, resolved, scenario_hash, with_overrides
from tests.sim.scenario.conftest import SMALL


def _load(folder: Path, content: bytes, *overrides: str) -> Scenario:
    (folder / "t.csv").write_bytes(content)
    path = folder / "s.yaml"
    path.write_text(SMALL.replace("poisson: {rate_per_s: 5}", "trace: {file: t.csv}"))
    return load_scenario(path, overrides)


def test_arrivals_are_read_beside_the_scenario_and_scaled(tmp_path: Path) -> None:
    scenario = _load(tmp_path, b"at_s,tenant\n0,3\n1.5,\n2,0\n", "workload.arrivals.trace.time_scale=2")
    trace = scenario.workload.arrivals.trace
    assert trace is not None
    assert trace.arrivals == (TraceArrival(0, 3), TraceArrival(3, None), TraceArrival(4, 0))


def test_the_hash_follows_the_contents_of_the_file(tmp_path: Path) -> None:
    one, other = _load(tmp_path, b"at_s\n1\n"), _load(tmp_path, b"at_s\n2\n")
    assert scenario_hash(one) != scenario_hash(other)
    assert len(resolved(one)["workload"]["arrivals"]["trace"]["sha256"]) == 64


def test_a_changed_copy_finds_the_same_file(tmp_path: Path) -> None:
    changed = with_overrides(_load(tmp_path, b"at_s\n1\n"), ["topology.hosts=3"])
    assert changed.workload.arrivals.trace is not None
    assert len(changed.workload.arrivals.trace.arrivals) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "line 1: the columns must be at_s and, optionally, tenant; found nothing"),
        (b"time\n1\n", "found time"),
        (b"at_s\n", "holds no arrivals"),
        (b"at_s\n1\nx\n", "line 3: x is not seconds"),
        (b"at_s\n-1\n", "line 2: at_s and tenant must be 0 or more"),
        (b"at_s\nnan\n", "line 2: at_s and tenant must be 0 or more"),
        (b"at_s,tenant\n1,1.5\n", "line 2: 1, 1.5 is not seconds"),
        (b"at_s\n2\n1\n", "line 3: at_s 1 is before the one above it"),
        (b"\xff", "is not UTF-8 text"),
    ],
)
def test_a_bad_trace_is_named_with_its_line(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(ScenarioError) as error:
        _load(tmp_path, content)
    assert "s.yaml, line 5: workload.arrivals.trace.file is t.csv: " in str(error.value)
    assert said in str(error.value)


def test_a_file_with_another_checksum_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="whose SHA-256 is not the one given"):
        _load(tmp_path, b"at_s\n1\n", "workload.arrivals.trace.sha256=abc")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="cannot be read: No such file"):
        _load(tmp_path, b"at_s\n1\n", "workload.arrivals.trace.file=gone.csv")
