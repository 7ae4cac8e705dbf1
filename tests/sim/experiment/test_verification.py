import json
import multiprocessing
from pathlib import Path
from typing import Any

import pytest

from sim.experiment import Comparison, Progress, ReplicationFailed, Verification, compare
from sim.results import load_run
from sim.scenario import Scenario, load_scenario, parse_scenario
from tests.planted_bugs.bugs import BY_NAME
from tests.sim.experiment.checked_runs import cause, checked_run, verdict
from tests.sim.experiment.conftest import scenario_data

TWICE = BY_NAME["notification twice"]


def small() -> Scenario:
    """Two replications of it take a moment, and leave reservations behind under deferred."""
    return load_scenario("live_migration", ["horizon.duration_s=6"])


def compared(**settings: Any) -> Comparison:
    found = compare(small(), **{"replications": 2, "workers": 1, **settings})
    assert isinstance(found, Comparison)
    return found


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "manifest.json"}


# over hand-made runs


def test_a_property_is_violated_if_it_is_anywhere_and_unknown_if_it_is_anywhere() -> None:
    runs = [
        checked_run(verdict("contract"), verdict("freshness"), verdict("answers")),
        checked_run(
            verdict("contract", cause("late", 2)), verdict("freshness", unknown_because="no rest"), verdict("answers")
        ),
    ]
    found = Verification(runs, origin=("mine.yaml",))
    words = [found.word("deferred", name) for name in ("contract", "freshness", "answers")]
    assert words == ["violated", "unknown", "ok"]
    assert found.properties == ("contract", "freshness", "answers")
    assert found.data()["strategies"]["deferred"]["contract"] == {
        "word": "violated", "promised": True, "violations": 2, "checked": 20, "runs": ["ok", "violated"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("properties", "broken", "unknown"),
    [
        ([verdict("contract")], False, False),
        ([verdict("contract", cause("late", 1))], True, False),
        ([verdict("contract", cause("late", 1, certain=False))], False, True),
        ([verdict("convergence", unknown_because="no rest")], False, True),
        ([verdict("agreement", cause("orphaned", 9), promised=False)], False, False),
        ([verdict("agreement", unknown_because="no rest", promised=False)], False, False),
        ([verdict("contract", cause("late", 1)), verdict("convergence", unknown_because="no rest")], True, True),
    ],
)
def test_only_what_is_promised_is_broken_or_in_question(properties: list[Any], broken: bool, unknown: bool) -> None:
    found = Verification([checked_run(), checked_run(*properties, replication=1)], origin=("mine.yaml",))
    assert (found.is_broken, found.is_unknown) == (broken, unknown)


def test_findings_of_one_cause_are_one_group_and_broken_promises_come_first() -> None:
    runs = [
        checked_run(verdict("agreement", cause("orphaned", 3), promised=False), label="deferred"),
        checked_run(
            verdict("freshness", cause("mixed", 1, certain=False)),
            verdict("agreement", cause("orphaned", 4), promised=False), replication=1,
        ),
        checked_run(verdict("contract", cause("late", 2)), label="deferred#2", replication=3),
    ]  # fmt: skip
    groups = Verification(runs, origin=("mine.yaml", "--set", "topology.hosts=2")).groups
    assert [(each.strategy, each.name, each.cause, each.count, each.runs) for each in groups] == [
        ("deferred#2", "contract", "late", 2, 1),
        ("deferred", "agreement", "orphaned", 7, 2),
        ("deferred", "freshness", "mixed", 1, 1),
    ]
    assert [each.is_broken_promise for each in groups] == [True, False, False]
    repeat = "bindsim run mine.yaml --set topology.hosts=2 --strategy deferred --seed 5"
    assert [each.command for each in groups] == [
        f"{repeat} --replication 13 --verify", f"{repeat} --verify", f"{repeat} --replication 1 --verify",
    ]  # fmt: skip


def test_reasons_for_not_knowing_are_counted() -> None:
    runs = [checked_run(verdict("convergence", unknown_because="no rest"), replication=each) for each in range(3)]
    [unknown] = Verification(runs, origin=("mine.yaml",)).unknowns
    assert (unknown.name, unknown.because, unknown.runs, unknown.promised) == ("convergence", "no rest", 3, True)


# over real runs


def test_a_comparison_is_checked_only_when_asked_for() -> None:
    assert compared(replications=1).verification is None
    assert "verification" not in compared(replications=1).summary()
    found = compared(verify=True).verification
    assert found is not None
    assert len(found.runs) == 4
    assert (found.is_broken, found.is_unknown) == (False, False)
    assert {(group.strategy, group.name, group.is_broken_promise) for group in found.groups} == {
        ("deferred", "agreement", False)
    }


def test_a_bug_in_the_core_breaks_a_promise() -> None:
    with TWICE.planted():
        found = compared(verify=True, replications=1).verification
    assert found is not None
    assert found.is_broken
    assert {group.name for group in found.groups if group.is_broken_promise} == {"contract"}


def test_saved_histories_are_checked_to_the_same_result(tmp_path: Path) -> None:
    live = compared(history=True, verify=True, output=tmp_path / "kept", origin=("live_migration", "--set", "a=1"))
    back = load_run(tmp_path / "kept")
    assert live.verification is not None
    assert Verification.of(back).data() == live.verification.data()
    assert back.details["verification"] == json.loads(json.dumps(live.verification.data()))
    assert back.origin == ("live_migration", "--set", "a=1")


def test_the_kept_bytes_do_not_depend_on_the_number_of_workers(tmp_path: Path) -> None:
    for workers in (1, 2):
        compared(history=True, verify=True, workers=workers, output=tmp_path / str(workers))
    kept = files(tmp_path / "1")
    assert kept == files(tmp_path / "2")
    assert sum(name.startswith("history_") for name in kept) == 19


def test_checking_keeps_no_history_and_keeping_one_changes_no_other_file(tmp_path: Path) -> None:
    compared(output=tmp_path / "plain")
    compared(output=tmp_path / "checked", verify=True)
    compared(output=tmp_path / "kept", history=True)
    plain, checked, kept = (files(tmp_path / name) for name in ("plain", "checked", "kept"))
    assert {name for name in checked if checked[name] != plain.get(name)} == {"summary.json"}
    assert {name: content for name, content in kept.items() if not name.startswith("history_")} == plain


def test_one_replication_alone_is_that_of_the_comparison(tmp_path: Path) -> None:
    compared(history=True, replications=3, output=tmp_path / "all")
    compared(
        history=True, replications=1, first_replication=2, strategies=["deferred"], output=tmp_path / "one", verb="run"
    )
    all_of_them, alone = load_run(tmp_path / "all"), load_run(tmp_path / "one")
    assert alone.histories() == [("deferred", 2)]
    one, other = alone.history("deferred", 2), all_of_them.history("deferred", 2)
    assert one.facts == other.facts
    assert [list(table.rows()) for table in one.tables.all()] == [list(table.rows()) for table in other.tables.all()]
    rows = all_of_them.operations.query("strategy == 'deferred' and replication == 2").reset_index(drop=True)
    assert rows.equals(alone.operations)
    assert len(rows) > 10
    assert alone.manifest["run"]["first_replication"] == 2


@pytest.mark.parametrize("workers", [1, 2])
def test_an_interrupt_leaves_neither_histories_nor_processes(tmp_path: Path, workers: int) -> None:
    def interrupt(progress: Progress) -> None:
        if progress.replications_done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compared(history=True, verify=True, workers=workers, output=tmp_path / "kept", on_progress=interrupt)
    assert list(tmp_path.iterdir()) == []
    assert multiprocessing.active_children() == []


def test_a_runner_that_records_nothing_cannot_be_checked(runner: Any) -> None:
    scenario = parse_scenario(scenario_data(), name="by_hand.yaml")
    with pytest.raises(ReplicationFailed, match="the runner records no history"):
        compare(scenario, replications=1, workers=1, runner=runner, verify=True)
