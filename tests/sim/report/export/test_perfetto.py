import json
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from sim.experiment import Settings, compare
from sim.report.export import perfetto_trace
from sim.results import ResultError, load_run
from sim.scenario import load_scenario
from sim.simulation import run
from tests.sim.model.faults.faulty import ran

SHORT = ["horizon.duration_s=6"]
SHIPPED = (
    "boot_storm", "controller_brownout", "delete_during_bind", "eventlet_lock_wait", "get_port_stampede", "hot_port",
    "live_migration", "rally_create_port",
)  # fmt: skip
Event = dict[str, Any]


def trace_of(source: Any, **chosen: Any) -> list[Event]:
    events: list[Event] = json.loads(perfetto_trace(source, **chosen))["traceEvents"]
    return events


def tracks(events: list[Event]) -> dict[tuple[int, int], list[Event]]:
    found = defaultdict(list)
    for event in events:
        if event["ph"] == "X":
            found[event["pid"], event["tid"]].append(event)
    return found


def slices(events: list[Event], name: str) -> list[Event]:
    return [event for event in events if event["ph"] == "X" and event["name"] == name]


def end(event: Event) -> int:
    return int(event["ts"] + event["dur"])


def complaints(events: list[Event]) -> list[str]:
    """What a viewer of the Trace Event Format would stumble over."""
    found = [f"{e} is not of a known kind" for e in events if e["ph"] not in "MXCsf"]
    named = {(e["pid"], e["tid"]) for e in events if e["name"] == "thread_name"}
    processes = {e["pid"] for e in events if e["name"] == "process_name"}
    timed = [event for event in events if event["ph"] != "M"]
    found += [f"{e} is on a track without a name" for e in timed if (e["pid"], e["tid"]) not in named]
    found += [f"{e} is of a process without a name" for e in timed if e["pid"] not in processes]
    found += [f"{e} has no length" for e in events if e["ph"] == "X" and not e.get("dur", -1) >= 0]
    found += [f"{b} is earlier than what comes before it" for a, b in pairwise(timed) if a["ts"] > b["ts"]]
    for track in tracks(events).values():
        found += overlaps(track)
    return found


def overlaps(track: list[Event]) -> list[str]:
    """Slices that lie partly in another one, so that no viewer could nest them."""
    found, around = [], []
    for event in track:
        while around and end(around[-1]) <= event["ts"] and end(around[-1]) < end(event):
            around.pop()
        if around and end(event) > end(around[-1]):
            found.append(f"{event} lies partly in {around[-1]}")
        around.append(event)
    return found


@pytest.mark.parametrize("strategy", ["in-transaction", "deferred", "serialized"])
@pytest.mark.parametrize("name", SHIPPED)
def test_every_trace_can_be_nested_named_and_read_in_order(name: str, strategy: str) -> None:
    finished = run(load_scenario(name, SHORT), strategy=strategy)
    events = trace_of(finished.tables)
    assert complaints(events) == []
    assert len(tracks(events)) > 0


def test_an_operation_holds_all_that_was_done_for_it() -> None:
    finished = run(load_scenario("hot_port", SHORT), strategy="deferred")
    events, tables = trace_of(finished.tables), finished.tables
    by_category = defaultdict(int)
    for track, own in tracks(events).items():
        assert track[0] < 10 or own[0]["cat"] == "operation"
        for event in own:
            by_category[event["cat"]] += 1
    assert by_category["operation"] == len(tables.operations)
    assert by_category["transaction"] == len(tables.transactions)
    assert by_category["driver call"] == len(tables.driver_calls)
    assert by_category["attempt"] == len(tables.attempts)


def test_requests_at_one_time_are_on_tracks_of_their_own() -> None:
    with ran(workload={"arrivals": {"storm": {"at_s": 0, "count": 3}}}, api={"threads": 2}) as outcome:
        events = trace_of(outcome.system.tables)
    served = {e["args"]["operation"]: (e["tid"], e["ts"]) for e in slices(events, "create_port")}
    assert served == {0: (1, 0), 1: (2, 0), 2: (1, 1_000_000)}
    (waiting,) = slices(events, "create_port waits")
    assert (waiting["ts"], waiting["dur"], waiting["args"]) == (0, 1_000_000, {"operation": 2})


def test_an_arrow_leads_from_the_holder_of_a_row_to_who_waits_for_it() -> None:
    storm = {"arrivals": {"storm": {"at_s": 0, "count": 2}}}
    with ran("in-transaction", workload=storm, topology={"tenants": 1}) as outcome:
        events = trace_of(outcome.system.tables)
    (wait,) = slices(events, "lock wait")
    tails, heads = ([e for e in events if e["ph"] == kind] for kind in "sf")
    holder = next(e for e in slices(events, "create_port") if e["args"]["operation"] == wait["args"]["holder"])
    assert [(e["pid"], e["tid"], e["ts"]) for e in tails] == [(holder["pid"], holder["tid"], wait["ts"])]
    assert [(e["pid"], e["tid"], e["ts"]) for e in heads] == [(wait["pid"], wait["tid"], wait["ts"])]
    assert tails[0]["id"] == heads[0]["id"]
    assert heads[0]["bp"] == "e"
    assert wait["args"]["row"].startswith("ip_allocation_pools ")


def test_levels_are_counters() -> None:
    with ran(workload={"arrivals": {"storm": {"at_s": 0, "count": 3}}}, api={"threads": 2}) as outcome:
        events = trace_of(outcome.system.tables)
    workers = [(e["ts"], e["args"]) for e in events if e["ph"] == "C" and e["name"] == "api.workers"]
    assert (0, {"in use": 2, "queued": 1}) in workers
    assert workers[-1][1] == {"in use": 0, "queued": 0}


def test_an_operation_that_died_ends_with_its_last_step() -> None:
    crash = {"crash": {"at_s": 0.5, "process": 0, "restart_after_s": 1}}
    with ran("deferred", faults=[crash]) as outcome:
        events = trace_of(outcome.system.tables)
    (died,) = slices(events, "create_port")
    assert died["args"]["outcome"] == "died"
    assert complaints(events) == []


def test_the_journal_works_in_the_background() -> None:
    drivers = [{"name": "sdn", "kind": "journal", "controller": "sdn"}]
    with ran("deferred", drivers=drivers) as outcome:
        events = trace_of(outcome.system.tables)
    (pid,) = [e["pid"] for e in events if e["name"] == "process_name" and e["args"]["name"] == "background"]
    assert {e["name"] for e in events if e["ph"] == "X" and e["pid"] == pid} >= {"transaction read_journal"}
    assert complaints(events) == []


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output: Path = tmp_path_factory.mktemp("export") / "result"
    settings = Settings(replications=2, seed=5, workers=1, output=output)
    compare(load_scenario("hot_port", SHORT), strategies=["in-transaction", "deferred"], settings=settings)
    return output


def test_a_loaded_replication_gives_the_events_of_the_live_run(folder: Path) -> None:
    live = run(load_scenario("hot_port", SHORT), strategy="deferred", seed=5, replication=1)
    assert trace_of(load_run(folder), strategy="deferred", replication=1) == trace_of(live.tables)


def test_the_same_result_gives_the_same_bytes_and_says_whose_they_are(folder: Path) -> None:
    trace = perfetto_trace(load_run(folder))
    assert trace == perfetto_trace(load_run(folder))
    told = json.loads(trace)["otherData"]
    assert (told["scenario"], told["strategy"], told["replication"], told["seed"]) == (
        "hot_port",
        "in-transaction",
        0,
        5,
    )


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        ({"strategy": "serialized"}, "no strategy 'serialized'; it has in-transaction, deferred"),
        ({"replication": 2}, "holds no operations of 'in-transaction', replication 2; it has 0 to 1"),
    ],
)
def test_what_the_result_does_not_have_is_refused(folder: Path, chosen: dict[str, Any], told: str) -> None:
    with pytest.raises(ResultError, match=told):
        perfetto_trace(load_run(folder), **chosen)
