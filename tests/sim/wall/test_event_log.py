"""What a process tells of itself survives it, and has a place in the run that nothing else has."""

import marshal
import time
from pathlib import Path

import pytest

from sim.kernel.realtime import RealClock
from sim.wall.event_log import SLOTS, EventLog, at_us, read_events


def _written(path: Path, *events: tuple[object, ...], slot: int = 3) -> list[int]:
    log = EventLog(path, RealClock(), slot=slot)
    positions = [log.write(str(what), *arguments) for what, *arguments in events]
    log.close()
    return positions


def test_events_come_back_as_they_were_written_and_in_order(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    positions = _written(path, ("read", 1, "port", None, (1, 2)), ("rows", {"operations": b"\x00\x01"}, {}), ("rest",))
    events = list(read_events(path))
    assert [event.position for event in events] == positions
    assert [(event.what, *event.arguments) for event in events] == [
        ("read", 1, "port", None, (1, 2)), ("rows", {"operations": b"\x00\x01"}, {}), ("rest",),
    ]  # fmt: skip


@pytest.mark.parametrize("lost", range(1, 30))
def test_of_a_process_that_dies_while_it_writes_the_whole_records_remain(tmp_path: Path, lost: int) -> None:
    path = tmp_path / "a.log"
    _written(path, ("first", 1), ("second", 2))
    path.write_bytes(path.read_bytes()[:-lost])
    assert [event.what for event in read_events(path)] in (["first"], [])
    assert list(read_events(path))[:1] != [] or lost > 20


def test_a_file_that_nobody_wrote_into_has_no_events(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    _written(path)
    assert list(read_events(path)) == []


def test_positions_grow_and_no_two_files_of_a_run_share_one(tmp_path: Path) -> None:
    clock = RealClock()
    logs = [EventLog(tmp_path / f"{slot}.log", clock, slot=slot) for slot in (0, 1, SLOTS - 1)]
    taken = [log.position() for _ in range(500) for log in logs]
    for log in logs:
        log.close()
    assert len(set(taken)) == len(taken)
    assert taken == sorted(taken)
    assert [position % SLOTS for position in taken[:3]] == [0, 1, SLOTS - 1]


def test_a_clock_that_stands_still_gives_positions_in_order_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "monotonic_ns", lambda: 5_000)
    log = EventLog(tmp_path / "a.log", RealClock(0), slot=7)
    assert [log.position() for _ in range(3)] == [ns * SLOTS + 7 for ns in (5_000, 5_001, 5_002)]
    log.close()


def test_a_position_tells_the_time_and_what_came_before_the_run_has_none() -> None:
    assert at_us(1_234_567 * SLOTS + 9) == 1_234
    assert at_us(-77 * SLOTS) == 0


def test_an_event_may_be_written_at_a_position_that_was_taken_before(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    log = EventLog(path, RealClock(), slot=0)
    before = log.position()
    log.write("later")
    assert log.write("earlier", position=before) == before
    log.close()
    assert [event.what for event in sorted(read_events(path))] == ["earlier", "later"]


def test_what_is_in_a_record_is_plain_types(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "a.log", RealClock(), slot=0)
    with pytest.raises(ValueError, match="unmarshallable"):
        log.write("thing", object())
    log.close()
    assert marshal.loads(marshal.dumps((1, "a", (None, b"b")))) == (1, "a", (None, b"b"))
