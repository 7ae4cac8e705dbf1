"""What several processes have noted becomes one history: in the order of happening, commits as they were sent."""

import itertools
from pathlib import Path
from typing import Any

import pytest

from core.records import Port, PortBinding
from sim.history.writer import flat_port
from sim.kernel.realtime import RealClock
from sim.model.bindings import BindingTracker
from sim.model.notices import Notices
from sim.wall.event_log import SLOTS, Event, EventLog
from sim.wall.history_log import HistoryLog
from sim.wall.in_doubt import commits_of
from sim.wall.replay import HistoryReplay, Noted, follow, noted

END = 1 << 50


def _port(revision: int, *, vif_type: str = "unbound", port_id: str = "p") -> Port:
    binding = PortBinding("host-1", "normal", "", vif_type, "", None, None, "", revision)
    return Port(port_id, "net", f"revision {revision}", "mac", 1, "DOWN", "", "", revision, binding, ())


class _Noted:
    """Events written by hand, at instants in microseconds, by two processes."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def at(self, us: int, what: str, *arguments: Any, slot: int = 0) -> int:
        position = us * 1000 * SLOTS + slot
        self.events.append(Event(position, what, arguments))
        return position

    def commit(self, transaction: int, port: Port, *, sent_us: int, known_us: int, slot: int = 0) -> None:
        left = [(port.id, flat_port(port))]
        seen = {port.id: port.revision_number - 1}
        self.at(sent_us, "committing", transaction, transaction, "update_port", left, seen, None, slot=slot)
        self.at(known_us, "committed", transaction, slot=slot)

    def found(self, *final: Port) -> Noted:
        events = sorted(self.events)
        return Noted(events, commits_of(events, final={port.id: port for port in final}, end=END))


def _history(told: _Noted, *initial: Port) -> tuple[HistoryReplay, Any]:
    replay = HistoryReplay(told.found(), {port.id: port for port in initial})
    return replay, replay.run().tables


def test_commits_are_in_the_order_in_which_they_were_sent_whoever_was_told_first() -> None:
    told = _Noted()
    told.commit(1, _port(1), sent_us=10, known_us=90, slot=0)
    told.commit(2, _port(2), sent_us=50, known_us=60, slot=1)
    _, tables = _history(told, _port(0))
    commits = tables.commits.to_numpy()
    assert commits["transaction"].tolist() == [-1, 1, 2]
    assert (commits["first"] < commits["last"]).all()
    assert commits["first"].tolist() == sorted(commits["first"].tolist())


def test_positions_are_dense_and_in_the_order_of_happening() -> None:
    told = _Noted()
    told.at(5, "call", 1, "update_port", "p", 0, 0, {"name": "x"}, slot=1)
    told.commit(1, _port(1), sent_us=10, known_us=20, slot=1)
    told.at(7, "call", 2, "get_port", "p", 0, 1, None, slot=0)
    told.at(30, "answer", 1, [], slot=1)
    replay, tables = _history(told, _port(0))
    calls, commits = tables.calls.to_numpy(), tables.commits.to_numpy()
    assert calls["operation"].tolist() == [1, 2]
    assert calls["at_us"].tolist() == [5, 7]
    taken = sorted(
        [*calls["position"], *commits["first"][1:], *commits["last"][1:], *tables.answers.column("position")]
    )
    assert taken == list(range(taken[0], taken[0] + 5))
    assert replay.rank(told.events[0].position) == calls["position"][0]


def test_reads_and_attempts_keep_the_instant_at_which_they_began() -> None:
    told = _Noted()
    began = told.at(10, "wrote", 1, "update_port", "other")
    sent = 12 * 1000 * SLOTS
    told.at(20, "read", sent, 3, 1, "get_port", "p", flat_port(_port(0)), slot=1)
    told.at(30, "attempt", began, 1, "p", 1, False, True, "committed")
    replay, tables = _history(told, _port(0))
    (read,), (attempt,) = tables.reads.to_numpy(), tables.attempts.to_numpy()
    assert read["first"] == replay.rank(sent)
    assert replay.rank(began) < read["first"] < read["last"] < attempt["position"]
    assert attempt["began"] == replay.rank(began)


def test_what_was_refused_is_no_commit_of_the_history() -> None:
    told = _Noted()
    told.at(10, "committing", 1, 1, "update_port", [("p", flat_port(_port(1)))], {"p": 0}, None)
    told.at(20, "refused", 1)
    _, tables = _history(told, _port(0))
    assert tables.commits.column("transaction").tolist() == [-1]


def test_bindings_are_followed_by_commits_in_their_order_until_the_load_is_over() -> None:
    told = _Noted()
    told.commit(1, _port(1, vif_type="ovs"), sent_us=10, known_us=40)
    told.commit(2, _port(2), sent_us=20, known_us=30, slot=1)
    told.commit(3, _port(3, vif_type="ovs"), sent_us=900, known_us=910)
    seen: list[tuple[str, int, int]] = []

    class Tracker(BindingTracker):
        def committed(self, port_id: str, binding: Any, revision: int, made: Any, at_us: int) -> None:
            seen.append((port_id, revision, at_us))

    follow(told.found(), Tracker(), Notices([]), until=500 * 1000 * SLOTS)
    assert seen == [("p", 1, 40), ("p", 2, 40)]


@pytest.mark.parametrize("files", [1, 3])
def test_what_is_noted_in_several_files_comes_back_in_the_order_of_writing(tmp_path: Path, files: int) -> None:
    clock = RealClock()
    logs = [EventLog(tmp_path / f"{slot}.log", clock, slot=slot) for slot in range(files)]
    writers = [HistoryLog(log) for log in logs]
    for number, writer in enumerate(itertools.islice(itertools.cycle(writers), 12)):
        writer.call(number, "get_port", port_id="p", client=0, process=0, arguments=None)
    for log in logs:
        log.close()
    found = noted([tmp_path / f"{slot}.log" for slot in range(files)], final={}, end=END)
    assert [event.arguments[0] for event in found.events] == list(range(12))
