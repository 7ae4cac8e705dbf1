"""Figures of plans and of the break-even map, drawn from summaries by hand."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim.report import (
    break_even_figure,
    break_even_message,
    latency_over_load,
    meeting_probability,
    reliefs_message,
    reliefs_ranked,
    sizing,
)

STEP = {"low": 0.1, "high": 0.9}


def interval(mean: float, low: float, high: float) -> dict[str, float]:
    return {"mean": mean, "low": low, "high": high}


def relief(name: str, change: dict[str, float] | None, *, helps: bool = False) -> dict[str, Any]:
    load = None if change is None else interval(10 + change["mean"], 9, 13)
    return {"relief": name, "resource": name, "reason": "", "load": load, "change": change, "helps": helps}


def part(strategy: str = "deferred", **changes: Any) -> dict[str, Any]:
    return {
        "strategy": strategy, "ending": "found", "mean": 10.0, "low": 9.0, "high": 11.0,
        "probability": [{"load": 9.0, "share": 1.0, **STEP}, {"load": 11.0, "share": 0.5, **STEP}],
        "reliefs": [
            relief("one core more", interval(1.0, 0.5, 1.5), helps=True),
            relief("twice the subnets", interval(2.0, 1.0, 3.0), helps=True),
            relief("one thread more", interval(-0.1, -0.3, 0.1)), relief("one commit more", None),
        ],
        **changes,
    }  # fmt: skip


def planned(*parts: dict[str, Any], **changes: Any) -> Any:
    details = {
        "scale": {"path": "workload.rate_per_s"}, "strategies": list(parts), "sizing": [], "inverse": [], "points": [],
        "sentence": "told", **changes,
    }  # fmt: skip
    return SimpleNamespace(details=details)


def size(mean: float | None, **paths: Any) -> dict[str, Any]:
    return {
        **paths, "strategy": "deferred", "ending": "found", "mean": mean, "low": None, "high": None,
        "met_in_95_percent": 1.0, "replications": 5, "found": 5, "none": 0, "all": 0,
    }  # fmt: skip


def test_the_staircase_has_the_shares_at_the_loads_and_is_whole_below_the_first() -> None:
    axes = meeting_probability(planned(part()))
    stairs = axes.lines[0]
    assert list(stairs.get_xdata()) == [0.0, 9.0, 11.0]
    assert list(stairs.get_ydata()) == [1.0, 1.0, 0.5]
    assert stairs.get_drawstyle() == "steps-pre"
    assert stairs.get_label() == "deferred (mean 10)"


def test_a_strategy_that_meets_at_no_load_has_no_staircase_and_says_so() -> None:
    axes = meeting_probability(planned(part(), part("serialized", probability=[], mean=None, ending="none")))
    labels = axes.get_legend_handles_labels()[1]
    assert "serialized: no load was tried" in labels


def test_reliefs_are_ranked_in_percent_and_those_without_room_are_left_out() -> None:
    axes = reliefs_ranked(planned(part()))
    names = [tick.get_text() for tick in axes.get_yticklabels()]
    assert names == ["twice the subnets", "one core more", "one thread more"]
    lengths = [bar.get_width() for bar in axes.patches if bar.get_width()]
    np.testing.assert_allclose(lengths, [10.0, 20.0, -1.0])
    assert reliefs_message(planned(part())) == "under deferred twice the subnets adds 20 %."


def test_when_nothing_helps_the_sentence_says_so() -> None:
    hopeless = part(reliefs=[relief("one core more", interval(0.1, -0.5, 0.7))])
    assert reliefs_message(planned(hopeless)) == "under deferred no relief raises the load for certain."


def test_sizes_stand_over_the_number_that_was_varied() -> None:
    axes = sizing(planned(sizing=[size(4.0, **{"api.processes": 1}), size(7.0, **{"api.processes": 2})]))
    assert axes.get_xlabel() == "api.processes"
    assert list(axes.lines[0].get_xdata()) == [1, 2]
    assert list(axes.lines[0].get_ydata()) == [4.0, 7.0]


def test_several_varied_paths_give_a_row_a_configuration() -> None:
    rows = [size(4.0, **{"api.processes": 1, "api.kind": "threads"}), size(None, **{"api.processes": 2, "api.kind": "eventlet"})]  # fmt: skip # noqa: E501
    axes = sizing(planned(sizing=rows))
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["processes 1, kind threads", "processes 2, kind eventlet"]  # fmt: skip # noqa: E501


def test_a_plan_without_sizes_is_refused() -> None:
    with pytest.raises(ValueError, match="varies no size"):
        sizing(planned(part()))


def test_a_result_that_is_no_plan_is_refused() -> None:
    with pytest.raises(ValueError, match="is no plan"):
        meeting_probability(SimpleNamespace(details={"strategies": {}}))


def test_a_plans_runs_draw_latency_over_load_where_there_are_enough_of_them() -> None:
    def run(load: float, replication: int, p95: float | None) -> dict[str, Any]:
        names = ("p50", "p95", "p99")
        ending = "ok" if p95 is not None else "saturated"
        told = {"strategy": "deferred", "load": load, "replication": replication, "met": True, "missed": []}
        return {**told, "ending": ending, **{f"latency_s.create_port.{name}": p95 for name in names}}

    often = [run(load, number, load) for load in (1.0, 2.0) for number in range(5)]
    often += [run(3.0, number, None if number == 4 else 3.0) for number in range(5)]
    axes = latency_over_load(planned(part(), points=[*often, run(1.5, 0, 9.0)]))
    drawn = next(line for line in axes.lines if line.get_label() == "deferred")
    np.testing.assert_array_equal(drawn.get_xdata(), [1.0, 2.0, 3.0])
    np.testing.assert_array_equal(drawn.get_ydata(), [1.0, 2.0, np.nan])


def cell(median_s: float, ratio: float | None, **changes: Any) -> dict[str, Any]:
    return {
        "bind_median_s": median_s, "subnets": "one subnet for all", "ratio": ratio,
        "ratio_low": None if ratio is None else 0.9 * ratio, "ratio_high": None if ratio is None else 1.1 * ratio,
        "word": "", "saturated": {}, "note": "", **changes,
    }  # fmt: skip


def mapped(*cells: dict[str, Any]) -> Any:
    told = {"first": "in-transaction", "second": "deferred", "replications": 5}
    return SimpleNamespace(details={**told, "cells": list(cells)})


def test_cells_say_ratio_interval_and_who_was_saturated() -> None:
    result = mapped(cell(0.1, 0.5), cell(0.2, 2.0), cell(0.4, None, saturated={"in-transaction": 3}))
    texts = [text.get_text() for text in break_even_figure(result).texts]
    assert texts == ["0.50  [0.45, 0.55]", "2.00  [1.80, 2.20]", "in-transaction\nsaturated 3/5"]
    assert break_even_message(result) == (
        "deferred is faster than in-transaction in 1 of 3 cells; in 1 only in-transaction is saturated."
    )


def test_faster_slower_and_open_cells_have_different_colours_and_saturated_ones_a_hatch() -> None:
    result = mapped(cell(0.1, 0.5), cell(0.2, 2.0), cell(0.3, 1.0), cell(0.4, None, saturated={"deferred": 1}))
    patches = break_even_figure(result).patches
    filled = [patch.get_facecolor() for patch in patches if patch.get_fill() and patch.get_facecolor()[3] > 0]
    assert len({colour[:3] for colour in filled[:3]}) == 3
    assert [patch.get_hatch() for patch in patches if patch.get_hatch()] == ["//"]


def test_what_is_no_map_is_refused() -> None:
    with pytest.raises(ValueError, match="no break-even map"):
        break_even_figure(SimpleNamespace(details={}))
