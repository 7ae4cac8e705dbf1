"""What the pages of sweeps, plans and maps say in words and cells, from results written by hand."""

from types import SimpleNamespace
from typing import Any

import pandas as pd

from sim.report.page.experiments import (
    mapped_blocks,
    mapped_verdict,
    planned_blocks,
    swept_blocks,
    swept_remarks,
    swept_verdict,
)

METRIC = "latency_s.create_port.p95"


def row(rate: int, strategy: str, mean: float | None, **changes: Any) -> dict[str, Any]:
    ordinary = {"workload.rate_per_s": rate, "metric": METRIC, "strategy": strategy, "mean": mean, "low": mean,
                "high": mean, "best": False, "note": ""}  # fmt: skip
    return {**ordinary, **changes}


def sweep(**changes: Any) -> Any:
    words = [{"verdict": {"words": {"deferred": word}}} for word in ("better", "better", "inconclusive")]
    rows = [
        row(2, "in-transaction", 4.0),
        row(2, "deferred", 1.0, best=True),
        row(4, "in-transaction", None, note="saturated"),
    ]
    details = {
        "points": words, "metric": METRIC, "primary_metric": METRIC, "strategies": ["in-transaction", "deferred"],
        "failures": 1, **changes,
    }  # fmt: skip
    return SimpleNamespace(details=details, summary=pd.DataFrame(rows))


def test_a_sweep_counts_its_verdicts_and_gives_the_range():
    assert swept_verdict(sweep()) == (
        f"{METRIC}: deferred is better at 2 and inconclusive at 1 of 3 points, compared with in-transaction; 4 to 4 s "
        "under in-transaction and 1 to 1 s under deferred."
    )


def test_a_point_at_which_one_strategy_is_saturated_is_not_said_of_the_other() -> None:
    words = [{"verdict": {"words": {"deferred": word}}} for word in ("better", "saturated", "saturated")]
    assert "deferred is better at 1 of 3 points, and at 2 one of the two is saturated, compared" in swept_verdict(
        sweep(points=words)
    )
    assert "deferred cannot be compared: at 2 one of the two is saturated" in swept_verdict(sweep(points=words[1:]))


def test_the_range_is_that_of_the_metric_that_is_shown() -> None:
    said = swept_verdict(sweep(primary_metric="latency_s.create_port.p50"))
    assert said.startswith("latency_s.create_port.p50: deferred is better")
    assert f"; {METRIC}: 4 to 4 s under in-transaction" in said


def test_a_sweep_tells_how_many_points_failed():
    assert list(swept_remarks(sweep())) == ["1 point failed; the table says which."]
    assert list(swept_remarks(sweep(failures=0))) == []


def test_a_point_without_a_value_says_why():
    grid = next(swept_blocks(sweep())).grids[0][1]
    cells = {place: [(cell.text, cell.below, cell.mark) for cell in found] for place, found in grid.rows}
    assert cells == {
        "workload.rate_per_s = 2": [("4 s [4, 4]", "", ""), ("1 s [1, 1]", "", "best")],
        "workload.rate_per_s = 4": [("-", "saturated", ""), ("-", "", "")],
    }


def test_a_plan_tells_what_each_relief_does_or_why_it_was_not_tried():
    helps = {"relief": "one core more", "reason": "", "load": {"mean": 12.0, "low": 11.0, "high": 13.0},
             "change_percent": 20.0, "helps": True}  # fmt: skip
    idle = {
        "relief": "5 connections more",
        "reason": "hardly used",
        "load": None,
        "change_percent": None,
        "helps": False,
    }
    part = {"strategy": "deferred", "mean": 10.0, "low": 9.0, "high": 11.0, "met_in_95_percent": 8.0,
            "limited_by": "cores", "reliefs": [helps, idle]}  # fmt: skip
    details = {"scale": {"unit": "operations/s"}, "objectives": {"deferred": ["x < 5"]}, "strategies": [part],
               "sizing": []}  # fmt: skip
    loads, reliefs = planned_blocks(SimpleNamespace(details=details))
    assert loads.notes == ("Demanded of deferred: x < 5.",)
    assert [cell.text for cell in loads.grids[0][1].rows[0][1]] == ["10 [9, 11]", "8", "cores"]
    cells = [(name, [(cell.text, cell.below) for cell in found]) for name, found in reliefs.grids[0][1].rows]
    assert cells == [
        ("one core more", [("12 [11, 13]", ""), ("+20 %", "")]),
        ("5 connections more", [("-", "hardly used"), ("-", "")]),
    ]


def cell(median_s: float, ratio: float | None, low: float | None, high: float | None, **changes: Any) -> dict[str, Any]:
    ordinary = {"bind_median_s": median_s, "subnets": "one", "ratio": ratio, "ratio_low": low, "ratio_high": high,
                "word": "", "saturated": {}, "note": ""}  # fmt: skip
    return {**ordinary, **changes}


def test_a_map_counts_only_cells_whose_interval_excludes_one():
    cells = [
        cell(0.1, 0.5, 0.4, 0.6), cell(0.2, 0.9, 0.7, 1.2), cell(0.5, 1.5, 1.2, 1.9),
        cell(1.0, None, None, None, saturated={"deferred": 2}),
    ]  # fmt: skip
    details = {"first": "in-transaction", "second": "deferred", "cells": cells, "replications": 5, "duration_s": 60.0}
    result = SimpleNamespace(details=details)
    assert mapped_verdict(result) == (
        "deferred is faster than in-transaction in 1 of 4 cells and slower in 1, each 95 % interval excluding 1; p95 "
        "of create_port latency is 0.5 to 1.5 times; in 1 a strategy is saturated."
    )
    grid = next(mapped_blocks(result)).grids[0][1]
    assert [found[0].text for _, found in grid.rows] == [
        "0.50 [0.40, 0.60]", "0.90 [0.70, 1.20]", "1.50 [1.20, 1.90]", "saturated",
    ]  # fmt: skip
    assert grid.rows[3][1][0].below == "deferred 2 of 5"
