"""Figures of sweeps, drawn from frames by hand and from a small sweep that was run and kept."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.experiment.cache import OutcomeCache
from sim.experiment.sweeps import Sweep, sweep
from sim.report import as_svg, latency_over_load, latency_over_load_message, metric_over, retries_over
from sim.report.figures.swept import series_of
from sim.results import load_run
from sim.scenario import load_scenario

P95 = "latency_s.create_port.p95"


def rows(metric: str, strategy: str, means: list[float | None], *, loads: Any = None, **fixed: Any) -> Iterator[Any]:
    for load, mean in zip(loads or range(1, len(means) + 1), means, strict=True):
        yield {
            "workload.rate_per_s": load, **fixed, "metric": metric, "unit": "s", "better": "lower",
            "strategy": strategy, "mean": mean, "low": None if mean is None else 0.9 * mean,
            "high": None if mean is None else 1.1 * mean, "note": "saturated in 2 of 5" if mean is None else "",
        }  # fmt: skip


def by_hand(*parts: Iterator[Any]) -> Any:
    return SimpleNamespace(summary=pd.DataFrame([row for part in parts for row in part]))


def latencies(strategy: str, means: list[float | None]) -> Iterator[Any]:
    for name, factor in (("p50", 0.5), ("p95", 1.0), ("p99", 1.5)):
        scaled = [None if mean is None else factor * mean for mean in means]
        yield from rows(f"latency_s.create_port.{name}", strategy, scaled)


def lines(axes: Any, label: str) -> Any:
    return next(line for line in axes.lines if line.get_label() == label)


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Sweep, Path]:
    folder = tmp_path_factory.mktemp("swept")
    scenario = load_scenario("hot_port", ["horizon.duration_s=5"])
    found = sweep(
        scenario, vary={"workload.rate_per_s": [4, 8], "api.processes": [1, 2]}, replications=2,
        strategies=["in-transaction", "deferred"], workers=1, cache=OutcomeCache(folder / "cache"),
        output=folder / "result",
    )  # fmt: skip
    return found, folder / "result"


def test_the_line_is_the_means_and_breaks_where_the_system_was_saturated() -> None:
    axes = metric_over(by_hand(rows(P95, "deferred", [1.0, 2.0, None, 4.0])), metric=P95)
    drawn = lines(axes, "deferred")
    assert list(drawn.get_xdata()) == [1, 2, 3, 4]
    np.testing.assert_array_equal(drawn.get_ydata(), [1.0, 2.0, np.nan, 4.0])
    assert list(lines(axes, "deferred saturated").get_xdata()) == [3]


def test_axes_say_what_is_drawn_in_which_unit() -> None:
    axes = metric_over(by_hand(rows(P95, "deferred", [1.0, 2.0])), metric=P95)
    assert axes.get_xlabel() == "load, arrivals/s"
    assert axes.get_ylabel() == f"{P95}, s"


def test_another_varied_path_gives_series_of_its_own_unless_it_is_fixed() -> None:
    result = by_hand(
        rows(P95, "deferred", [1.0, 2.0], **{"api.processes": 1}),
        rows(P95, "deferred", [3.0, 4.0], **{"api.processes": 2}),
    )
    both = series_of(result, P95)
    assert [series.label for series in both] == ["deferred, processes 1", "deferred, processes 2"]
    (fixed,) = series_of(result, P95, where={"api.processes": 2})
    assert (fixed.label, list(fixed.mean)) == ("deferred", [3.0, 4.0])
    (over, _) = series_of(result, P95, over="api.processes")
    assert (over.label, list(over.over), list(over.mean)) == ("deferred, rate_per_s 1", [1, 2], [1.0, 3.0])


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"metric": "latency_s.all.p99"}, "has no metric 'latency_s.all.p99'"),
        ({"metric": P95, "over": "api.threads"}, "over is 'api.threads'; numbers are varied in: workload.rate_per_s"),
        ({"metric": P95, "where": {"api.threads": 1}}, "where names 'api.threads'"),
        ({"metric": P95, "where": {"workload.rate_per_s": 9}}, r"it takes \[1, 2\]"),
    ],
)
def test_what_the_sweep_does_not_have_is_refused(asked: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        metric_over(by_hand(rows(P95, "deferred", [1.0, 2.0])), **asked)


def test_a_result_without_a_varied_path_is_refused() -> None:
    with pytest.raises(ValueError, match="varies nothing"):
        metric_over(SimpleNamespace(summary=pd.DataFrame({"metric": [P95]})), metric=P95)


def test_the_knee_is_marked_and_told() -> None:
    result = by_hand(latencies("deferred", [1.0, 1.5, 2.5]), latencies("in-transaction", [1.0, 1.5, None]))
    axes = latency_over_load(result)
    assert sorted(text.get_text() for text in axes.texts) == ["knee 2", "knee 2.5"]
    assert latency_over_load_message(result) == (
        "p95 of create_port: deferred has doubled at 2.5 (2 s); in-transaction saturates above 2."
    )


def test_what_lies_above_the_first_saturated_load_moves_no_knee() -> None:
    result = by_hand(latencies("deferred", [1.0, 1.5, None, 9.0]))
    assert "saturates above 2" in latency_over_load_message(result)


def test_retries_are_counted_in_100_operations_and_what_never_happens_has_no_line() -> None:
    result = by_hand(
        rows("operations_count.all.total", "deferred", [200.0, 400.0]),
        rows("retries_count.inputs_changed.total", "deferred", [10.0, 100.0]),
        rows("retries_count.conflict.total", "deferred", [0.0, 0.0]),
    )
    axes = retries_over(result)
    assert [line.get_label() for line in axes.lines] == ["deferred, inputs changed"]
    np.testing.assert_allclose(axes.lines[0].get_ydata(), [5.0, 25.0])


def test_a_live_sweep_and_its_folder_give_the_same_picture(swept: tuple[Sweep, Path]) -> None:
    found, folder = swept
    where = {"api.processes": 2}
    live = metric_over(found, metric="latency_s.update_port.p95", where=where)
    loaded = metric_over(load_run(folder), metric="latency_s.update_port.p95", where=where)
    assert as_svg(live.figure) == as_svg(loaded.figure)


def test_figures_are_drawn_on_the_axes_that_are_given(swept: tuple[Sweep, Path]) -> None:
    axes = metric_over(swept[0], metric="latency_s.update_port.p95", where={"api.processes": 1})
    before = len(axes.lines)
    assert retries_over(swept[0], axes, where={"api.processes": 1}) is axes
    assert len(axes.lines) >= before
