"""A run as a trace of the Trace Event Format, which Perfetto (ui.perfetto.dev) and Chrome's tracing page open.

`bindsim export --format perfetto` writes it; docs/exports.md says how to read it. Times are microseconds of the run's
virtual clock. One process (in the trace's sense) stands for each API process, with a track for each request that it had
at a time; which of its workers served a request is not recorded. More hold the requests that waited for a worker, work
in the background, and the levels of resources. An arrow leads from the holder of a row lock to whoever begins to wait.
"""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sim.metrics import Tables
from sim.report.export.recorded import RecordedRun, Row, recorded_run, strategy_of
from sim.report.export.slices import BACKGROUND, Slice, inner_slices, lanes, operation_slice, queue_slice

if TYPE_CHECKING:
    from sim.results import LoadedRun

Event = dict[str, Any]
_Track = tuple[int, int]  # pid, tid

_QUEUE, _BACKGROUND, _LEVELS, _FIRST_API = 1, 2, 3, 10  # pids


def perfetto_trace(source: "Tables | LoadedRun", *, strategy: str | None = None, replication: int = 0) -> bytes:
    """The trace as JSON: of a live run's tables, or of one replication of a strategy of a result.

    By default it is the first strategy. The same run gives the same bytes.
    ResultError for a strategy or replication that the result does not have.
    """
    run = recorded_run(source, strategy=strategy, replication=replication)
    events = ",\n".join(json.dumps(event, separators=(",", ":")) for event in _Trace(run).events())
    told = json.dumps(_told(source, strategy, replication), separators=(",", ":"))
    return f'{{"displayTimeUnit":"ms","otherData":{told},"traceEvents":[\n{events}\n]}}\n'.encode()


def _told(source: "Tables | LoadedRun", strategy: str | None, replication: int) -> dict[str, Any]:
    clock = {"clock": "virtual time, us from the beginning of the run"}
    if isinstance(source, Tables):
        return clock
    run = source.manifest["run"]
    chosen = {"strategy": strategy_of(source, strategy), "replication": replication}
    return {"scenario": run["scenario"], "scenario_hash": run["scenario_hash"], "seed": run["seed"], **chosen, **clock}


class _Trace:
    """The events of one run."""

    def __init__(self, run: RecordedRun) -> None:
        self._run = run
        self._inner = inner_slices(run)
        self._tracks: dict[_Track, str] = {}
        self._of_operation: dict[int, tuple[_Track, Slice]] = {}

    def events(self) -> Iterator[Event]:
        """Names first, then everything in the order of time, outer slices before what is in them."""
        found = [*self._operations(), *self._queue(), *self._background(), *self._levels()]
        found += self._arrows()
        found.sort(key=lambda event: event["ts"])  # stable
        yield from self._names()
        yield from found

    # slices

    def _operations(self) -> Iterator[Event]:
        rows = [row for row in self._run.rows("operations") if row["started_us"] >= 0]
        by_process: dict[int, list[Slice]] = {}
        for row in rows:
            own = self._inner.get(row["operation"], [])
            by_process.setdefault(row["api_process"], []).append(operation_slice(row, own, self._run.end_us))
        for process, slices in sorted(by_process.items()):
            yield from self._process(process, sorted(slices, key=lambda each: each.order))

    def _process(self, number: int, slices: list[Slice]) -> Iterator[Event]:
        for each, lane in zip(slices, lanes(slices), strict=True):
            track = self._track(_FIRST_API + number, lane, f"request {lane}")
            operation = each.details["operation"]
            self._of_operation[operation] = track, each
            yield _slice(each, track)
            yield from (_slice(inner, track) for inner in self._inner.get(operation, []))

    def _queue(self) -> Iterator[Event]:
        found = [queue_slice(row, self._run.end_us) for row in self._run.rows("operations")]
        slices = sorted((each for each in found if each is not None), key=lambda each: each.order)
        for each, lane in zip(slices, lanes(slices), strict=True):
            yield _slice(each, self._track(_QUEUE, lane, f"place {lane}"))

    def _background(self) -> Iterator[Event]:
        """Workers of the background are not told apart: what overlaps is put side by side."""
        slices = self._inner.get(BACKGROUND, [])
        for each, lane in zip(slices, lanes(slices), strict=True):
            yield _slice(each, self._track(_BACKGROUND, lane, f"lane {lane}"))

    def _track(self, pid: int, tid: int, name: str) -> _Track:
        self._tracks[pid, tid] = name
        return pid, tid

    # the rest

    def _levels(self) -> Iterator[Event]:
        """One counter a resource. Of several changes at one instant the last one counts."""
        last = {(row["resource"], row["at_us"]): row for row in self._run.rows("levels")}
        for (resource, at_us), row in last.items():
            self._track(_LEVELS, 0, "levels")
            yield _counter(resource, at_us, row)

    def _arrows(self) -> Iterator[Event]:
        for number, row in enumerate(self._run.rows("lock_waits")):
            holder, waiter = self._of_operation.get(row["holder"]), self._of_operation.get(row["waiter"])
            if holder is None or waiter is None or not _covers(holder[1], row["from_us"]):
                continue
            common = {"name": "holds the row", "cat": "lock", "id": number, "ts": row["from_us"]}
            yield {"ph": "s", **common, **_place(holder[0])}
            yield {"ph": "f", "bp": "e", **common, **_place(waiter[0])}

    def _names(self) -> Iterator[Event]:
        pids = sorted({pid for pid, _ in self._tracks})
        for pid in pids:
            yield _name("process_name", (pid, 0), name=_process_name(pid))
            yield _name("process_sort_index", (pid, 0), sort_index=pid)
        for track, name in sorted(self._tracks.items()):
            yield _name("thread_name", track, name=name)
            yield _name("thread_sort_index", track, sort_index=track[1])


def _process_name(pid: int) -> str:
    names = {_QUEUE: "waiting for a worker", _BACKGROUND: "background", _LEVELS: "levels of resources"}
    return names.get(pid, f"api-{pid - _FIRST_API}")


def _covers(each: Slice, at_us: int) -> bool:
    return each.began_us <= at_us <= each.ended_us


def _place(track: _Track) -> Event:
    return {"pid": track[0], "tid": track[1]}


def _name(kind: str, track: _Track, **told: str | int) -> Event:
    return {"ph": "M", "name": kind, **_place(track), "args": told}


def _slice(each: Slice, track: _Track) -> Event:
    return {
        "ph": "X", "name": each.name, "cat": each.category, "ts": each.began_us, "dur": each.ended_us - each.began_us,
        **_place(track), "args": each.details,
    }  # fmt: skip


def _counter(resource: str, at_us: int, row: Row) -> Event:
    told = {"in use": row["in_use"], "queued": row["queued"]}
    return {"ph": "C", "name": resource, "ts": at_us, **_place((_LEVELS, 0)), "args": told}
