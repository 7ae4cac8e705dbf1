from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sim.experiment.cache import OutcomeCache, key_of
from sim.experiment.jobs import Job, Outcome, jobs_for, perform, simulate
from sim.scenario import Scenario, parse_scenario, resolved, with_overrides


def quiet(virtual_us: int, operations: int) -> None:
    pass


def job_of(scenario: Scenario, strategy: str = "deferred", **changes: Any) -> Job:
    [job] = jobs_for(scenario, (strategy,), seed=1, replications=1)
    return replace(job, **changes)


@pytest.fixture
def short(scenario: Scenario) -> Scenario:
    return with_overrides(scenario, ["horizon.duration_s=5"])


@pytest.fixture
def outcome(short: Scenario) -> Outcome:
    return perform(job_of(short), simulate, quiet)


@pytest.fixture
def cache(tmp_path: Path) -> OutcomeCache:
    return OutcomeCache(tmp_path)


def entries(cache: OutcomeCache) -> list[Path]:
    return sorted(path for path in cache.folder.rglob("*") if path.is_file())


def test_what_was_kept_comes_back_to_the_last_digit(short: Scenario, outcome: Outcome, cache: OutcomeCache) -> None:
    job = job_of(short)
    assert cache.get(job) is None
    cache.put(job, outcome)
    back = cache.get(job)
    assert back == outcome
    assert list(back.values.values) == list(outcome.values.values)
    assert len(back.values.values) > 50


def test_every_field_of_an_outcome_but_its_tables_is_kept(short: Scenario, cache: OutcomeCache) -> None:
    job = job_of(short)
    full = perform(job, simulate, quiet)
    odd = replace(full, outcome="stalled", saturated_from_us=12, unfinished=3, stall=("a", "b"), virtual_us=77)
    cache.put(job, odd)
    assert cache.get(job) == odd


def test_a_damaged_entry_counts_as_none_and_is_replaced(short: Scenario, outcome: Outcome, cache: OutcomeCache) -> None:
    job = job_of(short)
    cache.put(job, outcome)
    [file] = entries(cache)
    whole = file.read_bytes()
    for damaged in (b"", b"no hash\n{}\n", whole[:-20], whole.replace(b"ok", b"OK"), b"\xff\xfe"):
        file.write_bytes(damaged)
        assert cache.get(job) is None
        assert cache.run(job, lambda job: outcome) == outcome
        assert file.read_bytes() == whole


def test_a_cached_job_is_not_run_again(short: Scenario, outcome: Outcome, cache: OutcomeCache) -> None:
    runs: list[Job] = []

    def run(job: Job) -> Outcome:
        runs.append(job)
        return outcome

    assert cache.run(job_of(short), run) == cache.run(job_of(short), run)
    assert len(runs) == 1


@pytest.mark.parametrize("change", [{"seed": 2}, {"draw": 1}, {"strategy": "in-transaction"}])
def test_another_job_has_another_key(short: Scenario, change: dict[str, Any]) -> None:
    assert key_of(job_of(short, **change)) != key_of(job_of(short))


@pytest.mark.parametrize("override", ["controllers.sdn.latency.bind=1", "database.round_trip_s=0.01", "api.threads=3"])
def test_another_scenario_has_another_key(short: Scenario, override: str) -> None:
    assert key_of(job_of(with_overrides(short, [override]))) != key_of(job_of(short))


def test_another_composition_under_the_same_name_has_another_key(short: Scenario) -> None:
    strategies = [{"name": "mine", "base": "deferred", "max_attempts": count} for count in (3, 4)]
    keys = {key_of(job_of(parse_scenario({**resolved(short), "strategies": [each]}), "mine")) for each in strategies}
    assert len(keys) == 2


@pytest.mark.parametrize("override", ["question=another?", "min_effect.relative=0.5", "strategies=[deferred]"])
def test_what_is_about_reading_the_result_does_not_change_the_key(short: Scenario, override: str) -> None:
    assert key_of(job_of(with_overrides(short, [override]))) == key_of(job_of(short))


def test_another_code_version_has_another_key(short: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    before = key_of(job_of(short))
    monkeypatch.setattr("sim.experiment.cache.code_version", lambda: "other")
    assert key_of(job_of(short)) != before


def test_the_content_of_a_trace_counts(scenario: Scenario, tmp_path: Path) -> None:
    keys = []
    for times in ("0.5\n1\n", "0.5\n2\n"):
        (tmp_path / "trace.csv").write_text(f"at_s\n{times}")
        traced = resolved(scenario)
        traced["workload"]["arrivals"] = {"trace": {"file": "trace.csv"}}
        keys.append(key_of(job_of(parse_scenario(traced, name=str(tmp_path / "by_hand.yaml")))))
    assert keys[0] != keys[1]


def test_the_label_is_that_of_the_job_that_asks(short: Scenario, outcome: Outcome, cache: OutcomeCache) -> None:
    cache.put(job_of(short), outcome)
    assert cache.get(job_of(short, label="deferred#2", replication=9)).strategy == "deferred#2"
    assert cache.get(job_of(short, label="deferred#2", replication=9)).replication == 9


@pytest.mark.parametrize("option", ["keep_tables", "keep_history", "keep_facts", "verify"])
def test_a_job_that_hands_back_more_than_values_is_never_cached(
    short: Scenario, outcome: Outcome, cache: OutcomeCache, option: str
) -> None:
    job = job_of(short, **{option: True})
    cache.put(job, outcome)
    cache.put(job_of(short), outcome)
    assert len(entries(cache)) == 1
    assert cache.get(job) is None


def test_clearing_deletes_every_entry_and_nothing_else(short: Scenario, outcome: Outcome, cache: OutcomeCache) -> None:
    for draw in range(3):
        cache.put(job_of(short, draw=draw), outcome)
    (cache.folder / "mine.txt").write_text("stays")
    assert cache.clear() == 3
    assert [path.name for path in entries(cache)] == ["mine.txt"]


def test_the_variable_names_the_folder_or_switches_the_cache_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BINDSIM_CACHE", raising=False)
    assert OutcomeCache.usual().folder == Path("results/local/cache")
    assert OutcomeCache.usual(wanted=False).folder is None
    monkeypatch.setenv("BINDSIM_CACHE", "/elsewhere")
    assert OutcomeCache.usual().folder == Path("/elsewhere")
    monkeypatch.setenv("BINDSIM_CACHE", "off")
    assert OutcomeCache.usual().folder is None


def test_a_folder_that_cannot_be_written_is_no_error(short: Scenario, outcome: Outcome, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = OutcomeCache(tmp_path / "file")
    cache.put(job_of(short), outcome)
    assert cache.get(job_of(short)) is None
    assert cache.clear() == 0
