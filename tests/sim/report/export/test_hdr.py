import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.experiment import Settings, compare
from sim.report.export.hdr import hdr_files, percentiles
from sim.results import LoadedRun, load_run
from sim.scenario import load_scenario

ROW = re.compile(r"^ *([\d.]+) ([\d.]+) +(\d+)(?: +[\d.]+)?$", re.MULTILINE)


def rows(content: bytes) -> list[tuple[float, float, int]]:
    """Value in ms, share, how many values up to there."""
    return [(float(value), float(share), int(count)) for value, share, count in ROW.findall(content.decode())]


def footer(content: bytes, name: str) -> float:
    return float(re.search(rf"{name} *= *([\d.]+)", content.decode())[1])


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> LoadedRun:
    output: Path = tmp_path_factory.mktemp("hdr") / "result"
    scenario = load_scenario("hot_port", ["horizon.duration_s=20"])
    compare(scenario, settings=Settings(replications=3, seed=2, workers=1, output=output))
    return load_run(output)


def test_values_are_milliseconds_with_three_significant_digits() -> None:
    content = percentiles(pd.Series([1_000, 2_000, 123_456, 7_654_321]))
    for exact, (value, _, _) in zip((1.0, 2.0, 123.456, 7654.321), dict.fromkeys(rows(content)), strict=False):
        assert value == pytest.approx(exact, rel=2e-3) or value < exact
    assert rows(content)[-1][0] == pytest.approx(7654.321, rel=1e-3)
    assert rows(content)[-1][1:] == (1.0, 4)


def test_the_footer_is_in_milliseconds_throughout() -> None:
    values = np.random.default_rng(1).lognormal(12, 0.8, 5000).round().astype(int)
    content = percentiles(pd.Series(values))
    assert footer(content, "Mean") == pytest.approx(values.mean() / 1e3, rel=2e-3)
    assert footer(content, "StdDeviation") == pytest.approx(values.std() / 1e3, rel=5e-3)
    assert footer(content, "TotalCount") == 5000


def test_an_instant_can_be_recorded() -> None:
    assert rows(percentiles(pd.Series([0, 0, 0])))[-1] == (0.0, 1.0, 3)


def test_percentiles_are_those_of_the_recorded_operations(result: LoadedRun) -> None:
    operations = result.operations
    for file in hdr_files(result):
        if file.what == "hold_time":
            continue
        chosen = operations[(operations.strategy == file.strategy) & (operations.kind == file.what)]
        latency_ms = np.sort((chosen.ended_s - chosen.intended_s).dropna().to_numpy() * 1e3)
        assert file.values == len(latency_ms)
        for value, share, count in rows(file.content):
            assert count >= share * len(latency_ms) - 1e-6
            assert (latency_ms <= value * 1.001 + 0.001).sum() >= count


def test_there_is_a_file_for_each_strategy_and_kind_and_for_hold_times(result: LoadedRun) -> None:
    names = [file.name for file in hdr_files(result)]
    assert names == [
        f"{strategy}.{what}.hgrm"
        for strategy in result.manifest["run"]["strategies"]
        for what in ("get_port", "update_port", "hold_time")
    ]


def test_a_strategy_and_a_replication_can_be_chosen(result: LoadedRun) -> None:
    parts = [hdr_files(result, strategy="deferred", replication=number) for number in range(3)]
    (whole,) = [file for file in hdr_files(result, strategy="deferred") if file.what == "hold_time"]
    assert sum(file.values for part in parts for file in part if file.what == "hold_time") == whole.values


def test_the_same_result_gives_the_same_bytes(result: LoadedRun) -> None:
    assert hdr_files(result) == hdr_files(load_run(result.folder))


def test_operations_without_an_answer_are_counted_beside(tmp_path: Path) -> None:
    overrides = ["horizon.duration_s=20", "horizon.drain_limit_s=0.001", "workload.arrivals.poisson.rate_per_s=4"]
    scenario = load_scenario("controller_brownout", overrides)
    compare(scenario, settings=Settings(replications=1, seed=2, workers=1, output=tmp_path / "result"))
    result = load_run(tmp_path / "result")
    unanswered = result.operations.ended_s.isna().sum()
    assert unanswered > 0
    assert sum(file.unanswered for file in hdr_files(result)) == unanswered
