"""The soak finds every planted bug in time and by the property that should find it, and the right core passes."""

import pytest

from core.binding.promises import PROPERTIES
from sim.soak import LINES, SoakSettings, soak
from tests.planted_bugs.bugs import BUGS, BY_NAME
from tests.planted_bugs.measure import table
from tests.planted_bugs.planted import PlantedBug
from tests.planted_bugs.soaked import RARE, USUALLY, found_by_soak, most_runs

RIGHT_RUNS = 20_000
PROMISED = {
    "deferred": set(PROPERTIES) - {"agreement"},
    "serialized": set(PROPERTIES) - {"agreement"},
    "in-transaction": set(PROPERTIES) - {"agreement", "convergence"},
}

each_bug = pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)


@each_bug
def test_the_soak_finds_it_by_the_expected_property(bug: PlantedBug) -> None:
    found = found_by_soak(bug, seed=1)
    assert found is not None
    assert found.runs <= most_runs(bug)
    assert any(found.strategy.startswith(base) for base in bug.strategies)


@pytest.mark.slow
@each_bug
@pytest.mark.parametrize("seed", [2, 3])
def test_the_soak_finds_it_with_other_seeds_too(bug: PlantedBug, seed: int) -> None:
    assert found_by_soak(bug, seed=seed) is not None


def test_few_bugs_are_rare() -> None:
    assert set(RARE) <= set(BY_NAME)
    assert len(RARE) <= len(BUGS) / 5
    assert min(RARE.values()) > USUALLY


def test_the_right_core_passes_the_runs_in_which_most_bugs_are_found() -> None:
    result = soak(SoakSettings(runs=USUALLY))
    assert result.tally.broken == []
    assert result.tally.runs == USUALLY


def test_a_bug_that_is_not_found_in_time_is_said_to_be_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.planted_bugs.measure.BUGS", (BY_NAME["comparing values"], BY_NAME["notification twice"]))
    monkeypatch.setattr("tests.planted_bugs.measure.SEEDS", (1,))
    monkeypatch.setitem(RARE, "comparing values", 3)
    unfound, found = [line.split(" | ")[3:] for line in list(table())[2:]]
    assert unfound == ["not found", "not found", "3 |"]
    assert found == ["2", "2", "200 |"]


@pytest.mark.slow
def test_the_right_core_keeps_every_promise_in_twenty_thousand_runs_that_hit_every_line() -> None:
    result = soak(SoakSettings(runs=RIGHT_RUNS, jobs=2))
    tally = result.tally
    assert {key: group.smallest for key, group in tally.groups.items() if group.is_broken} == {}
    assert tally.runs == RIGHT_RUNS
    assert [line for line in LINES if not tally.coverage[line]] == []
    assert not result.failed
    for strategy, promised in PROMISED.items():
        assert {name for which, name in tally.promised if which == strategy} == promised
        assert all(tally.verdicts[strategy, name, "ok"] > RIGHT_RUNS / 10 for name in promised)
