import json
import multiprocessing
from pathlib import Path
from typing import Any

import pytest

from sim.experiment import Precision, Progress, Settings, choose_strategies, compare
from sim.results import ResultError, load_run
from sim.scenario import Scenario, ScenarioError, parse_scenario, resolved


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "manifest.json"}


def test_the_faster_strategy_is_better_and_best(scenario: Scenario, runner: Any) -> None:
    found = compare(scenario, replications=6, workers=1, runner=runner)
    assert [judgement.word for judgement in found.verdict.judgements] == ["better"]
    assert found.row("latency_s.create_port.p95").best == "deferred"


def test_nothing_is_best_where_the_interval_holds_zero(scenario: Scenario, runner: Any) -> None:
    found = compare(scenario, replications=6, workers=1, runner=runner)
    assert found.row("lost_bindings_count.diverged.total").best is None


def test_a_strategy_against_itself_is_inconclusive(scenario: Scenario, runner: Any) -> None:
    names = ["deferred", "deferred"]
    found = compare(scenario, strategies=names, replications=6, workers=1, runner=runner)
    assert found.strategies == ("deferred", "deferred#2")
    assert [judgement.word for judgement in found.verdict.judgements] == ["inconclusive"]


def test_a_saturated_strategy_has_no_latency_but_its_counts(slow_scenario: Scenario, runner: Any) -> None:
    found = compare(slow_scenario, replications=5, workers=1, runner=runner)
    estimates = found.row("latency_s.create_port.p95").estimates
    assert estimates["in-transaction"].note == "saturated in 5 of 5"
    assert estimates["deferred"].mean is not None
    assert found.row("unfinished_count.total").estimates["in-transaction"].mean == 30
    assert [judgement.word for judgement in found.verdict.judgements] == ["saturated"]


def test_the_kept_bytes_do_not_depend_on_the_number_of_workers(scenario: Scenario, runner: Any, tmp_path: Path) -> None:
    for workers in (1, 2):
        compare(scenario, replications=3, workers=workers, runner=runner, output=tmp_path / str(workers))
    assert files(tmp_path / "1") == files(tmp_path / "2")
    assert len(files(tmp_path / "1")) == 9


def test_what_is_kept_can_be_read_back(scenario: Scenario, runner: Any, tmp_path: Path) -> None:
    found = compare(scenario, replications=5, workers=1, runner=runner, output=tmp_path / "kept")
    back = load_run(tmp_path / "kept")
    assert back.details == json.loads(json.dumps(found.summary()))
    assert len(back.operations) == 2 * 5 * 50
    assert list(back.operations.columns[:4]) == ["strategy", "replication", "operation", "kind"]
    assert len(back.summary) == len(found.summary_rows())


def test_a_result_is_not_made_when_it_could_not_be_kept(scenario: Scenario, runner: Any, tmp_path: Path) -> None:
    compare(scenario, replications=1, workers=1, runner=runner, output=tmp_path / "kept")
    with pytest.raises(ResultError, match="--force"):
        compare(scenario, replications=1, seed=2, workers=1, runner=runner, output=tmp_path / "kept")
    compare(scenario, replications=1, seed=2, workers=1, runner=runner, output=tmp_path / "kept", force=True)
    assert load_run(tmp_path / "kept").manifest["run"]["seed"] == 2


def test_a_failure_leaves_nothing_behind(scenario: Scenario, broken_runner: Any, tmp_path: Path) -> None:
    with pytest.raises(Exception, match="no values"):
        compare(scenario, replications=1, workers=1, runner=broken_runner, output=tmp_path / "kept")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_an_interrupt_leaves_neither_files_nor_processes(
    scenario: Scenario, runner: Any, tmp_path: Path, workers: int
) -> None:
    def interrupt(progress: Progress) -> None:
        if progress.replications_done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compare(
            scenario, replications=5, workers=workers, runner=runner, output=tmp_path / "kept", on_progress=interrupt
        )  # fmt: skip
    assert list(tmp_path.iterdir()) == []
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize(("names", "told"), [(["hasty"], r"hasty.*in-transaction"), ([], "no strategy")])
def test_an_unknown_strategy_is_refused(scenario: Scenario, runner: Any, names: list[str], told: str) -> None:
    with pytest.raises(ScenarioError, match=told):
        compare(scenario, strategies=names, runner=runner)


@pytest.mark.parametrize(("field", "value"), [("replications", 0), ("seed", -1), ("workers", 0)])
def test_a_number_that_means_nothing_is_refused(field: str, value: int) -> None:
    with pytest.raises(ValueError, match=f"{field} is {value}; it must be at least"):
        Settings(**{field: value})


def test_an_unknown_primary_metric_is_refused_before_anything_runs(scenario: Scenario, broken_runner: Any) -> None:
    wrong = scenario.model_copy(update={"primary_metric": "latency_s.create_port.p96"})
    with pytest.raises(ScenarioError, match=r"mean\|p50"):
        compare(wrong, runner=broken_runner)


def test_frames_have_one_row_a_metric_and_strategy(scenario: Scenario, runner: Any) -> None:
    found = compare(scenario, replications=5, workers=1, runner=runner)
    frame = found.frame().set_index(["metric", "strategy"])
    assert frame.loc[("latency_s.create_port.p95", "deferred"), "difference_high"] < 0
    assert len(found.values()) == 5 * len(frame)
    assert "deferred is better" in found._repr_html_()


def test_promises_and_published_values_of_variants_that_were_not_chosen_stay_out(scenario: Scenario) -> None:
    variant = {"name": "by-values", "base": "deferred", "concurrency_check": "values"}
    metric = "latency_s.create_port.p95"
    about = {"metric": metric, "at_most": 1}
    published = {"label": "a lab", "metric": metric, "value": 1, "source": "nobody"}
    data = {
        **resolved(scenario),
        "strategies": ["in-transaction", variant],
        "thresholds": [{**about, "strategies": ["by-values"]}, {**about, "strategies": ["deferred", "by-values"]}],
        "published": [{**published, "strategy": "by-values"}, published],
    }
    chosen, _ = choose_strategies(parse_scenario(data), ["in-transaction"])
    assert [promise.strategies for promise in chosen.thresholds] == [("deferred",)]
    assert [each.strategy for each in chosen.published] == [None]
    kept, _ = choose_strategies(parse_scenario(data), ["by-values"])
    assert (len(kept.thresholds), len(kept.published)) == (2, 2)


def test_precision_runs_as_many_replications_as_it_takes(scenario: Scenario, runner: Any) -> None:
    found = compare(scenario, precision=0.025, workers=1, runner=runner)
    assert 10 < found.replications < 200
    for estimate in found.row(scenario.primary_metric).estimates.values():
        assert estimate.interval.half < 0.025 * estimate.mean
    assert {len(found.samples.outcomes(name)) for name in found.strategies} == {found.replications}
    assert found.summary()["precision"] == {
        "share": 0.025, "metrics": [scenario.primary_metric], "most": 200, "reached": True, "not_reached": [],
        "without_values": [],
    }  # fmt: skip


def test_precision_stops_at_its_limit_and_says_so(scenario: Scenario, runner: Any) -> None:
    asked = Precision(share=0.001, most=13)
    found = compare(scenario, precision=asked, workers=1, runner=runner)
    assert found.replications == 13
    assert not found.summary()["precision"]["reached"]
    assert [each["strategy"] for each in found.summary()["precision"]["not_reached"]] == ["in-transaction", "deferred"]


def test_rounds_give_what_one_round_of_as_many_replications_gives(
    scenario: Scenario, runner: Any, tmp_path: Path
) -> None:
    rounds = [
        compare(scenario, precision=0.025, workers=workers, runner=runner, output=tmp_path / str(workers))
        for workers in (1, 2)
    ]
    count = rounds[0].replications
    compare(scenario, replications=count, workers=1, runner=runner, output=tmp_path / "fixed")
    assert files(tmp_path / "1") == files(tmp_path / "2")
    in_rounds, fixed = files(tmp_path / "1"), files(tmp_path / "fixed")
    assert {name for name in fixed if in_rounds[name] != fixed[name]} == {"summary.json"}
    assert [o.replication for o in rounds[1].samples.outcomes("deferred")] == list(range(count))


def test_precision_is_part_of_what_identifies_a_result(scenario: Scenario, runner: Any, tmp_path: Path) -> None:
    compare(scenario, precision=0.2, workers=1, runner=runner, output=tmp_path / "kept")
    run = load_run(tmp_path / "kept").manifest["run"]
    assert run["replications"] is None
    assert run["precision"] == {"share": 0.2, "metrics": [scenario.primary_metric], "most": 200}
    with pytest.raises(ResultError, match="--force"):
        compare(scenario, precision=0.3, workers=1, runner=runner, output=tmp_path / "kept")


def test_a_metric_for_the_precision_that_does_not_exist_is_refused(scenario: Scenario, broken_runner: Any) -> None:
    asked = Precision(share=0.1, metrics=("latency_s.create_port.p96",))
    with pytest.raises(ScenarioError, match=r"precision.*mean\|p50"):
        compare(scenario, precision=asked, runner=broken_runner)
