"""soak: draws, plays and adds up runs on all cores until there are enough, then explains and shrinks what failed.

Called by `bindsim soak` and by tests. The result of a number of runs does not depend on the number of processes. It
prints nothing.
"""

import multiprocessing
import sys
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field

from sim.forking import leave_signals_to_parent, signals_held
from sim.simulation import many_runs
from sim.soak.case import Case
from sim.soak.coverage import LINES
from sim.soak.drawing import draw_case
from sim.soak.play import play
from sim.soak.shrinking import Shrunk, shrink
from sim.soak.tally import Key, Tally

CHUNK = 20  # runs that a worker plays before it reports
COVERED_FROM = 1000  # runs from which on every line of the coverage table must have been hit
Draw = Callable[[int, int], Case]
"""The case of a run, by the soak's seed and the run's number."""
_AHEAD = 2  # chunks a worker that may be under way


@dataclass(frozen=True, slots=True, kw_only=True)
class SoakSettings:
    """How much to soak. Of `runs` and `minutes` (wall-clock) the first that is reached ends it; `jobs` processes.

    `draw` gives the case of a run; the usual one draws small scenarios, sim.soak.variants those of given files. Each
    worker plays `chunk` runs before it reports. `every_line`: a long soak must hit every line of the coverage table.
    """

    runs: int | None = 1000
    minutes: float | None = None
    jobs: int = 1
    seed: int = 1
    draw: Draw = draw_case
    chunk: int = CHUNK
    every_line: bool = True


@dataclass(frozen=True, slots=True)
class Reading:
    """How far a soak is. `shrinking` says which case is being made smaller, once the runs are over."""

    tally: Tally
    passed_s: float
    settings: SoakSettings
    shrinking: str = ""

    @property
    def runs_per_s(self) -> float:
        """Runs a second of wall-clock time."""
        return self.tally.runs / self.passed_s if self.passed_s > 0 else 0.0


OnProgress = Callable[[Reading], None]


@dataclass(slots=True)
class SoakResult:
    """A soak that has ended: its sums, and the shrunk case of each group that broke a promise."""

    settings: SoakSettings
    tally: Tally
    passed_s: float
    interrupted: bool = False
    shrunk: dict[Key, Shrunk] = field(default_factory=dict)

    @property
    def uncovered(self) -> list[str]:
        """The lines without a hit, once there are enough runs to ask."""
        if self.tally.runs < COVERED_FROM or not self.settings.every_line:
            return []
        return [line for line in LINES if not self.tally.coverage[line]]

    @property
    def failed(self) -> bool:
        """Whether a promise was broken or a line was never hit."""
        return bool(self.tally.broken or self.uncovered)


def soak(settings: SoakSettings, *, on_progress: OnProgress | None = None) -> SoakResult:
    """Soaks. Ctrl-C ends it early with what there is so far."""
    result = SoakResult(settings, Tally(), 0.0)
    told = on_progress or _untold
    try:
        _play_all(result, told)
        _shrink_all(result, told)
    except KeyboardInterrupt:
        result.interrupted = True
    return result


def explain(settings: SoakSettings, tally: Tally, key: Key) -> Shrunk:
    """The smallest run of a group, made smaller."""
    number = tally.groups[key].smallest[1]
    return shrink(settings.draw(settings.seed, number), key)


def play_chunk(settings: SoakSettings, first: int, count: int) -> Tally:
    """The runs from `first` on."""
    tally = Tally()
    with many_runs():
        for number in range(first, first + count):
            tally.count(play(settings.draw(settings.seed, number)), number)
    return tally


def _untold(reading: Reading) -> None:
    pass


def _play_all(result: SoakResult, told: OnProgress) -> None:
    settings, began_s = result.settings, time.monotonic()
    parts_of = _here if settings.jobs <= 1 else _in_processes
    with many_runs(), closing(parts_of(settings)) as parts:  # forked workers inherit what many_runs has set aside
        for part in parts:
            result.tally.merge(part)
            result.passed_s = time.monotonic() - began_s
            told(Reading(result.tally, result.passed_s, settings))
            if settings.minutes is not None and result.passed_s >= 60 * settings.minutes:
                return


def _shrink_all(result: SoakResult, told: OnProgress) -> None:
    broken = result.tally.broken
    for place, key in enumerate(broken, start=1):
        told(Reading(result.tally, result.passed_s, result.settings, f"shrinking {place} of {len(broken)}"))
        result.shrunk[key] = explain(result.settings, result.tally, key)


def _chunks(settings: SoakSettings) -> Iterator[tuple[int, int]]:
    first = 0
    while settings.runs is None or first < settings.runs:
        count = settings.chunk if settings.runs is None else min(settings.chunk, settings.runs - first)
        yield first, count
        first += count


def _here(settings: SoakSettings) -> Generator[Tally, None, None]:
    return (play_chunk(settings, *chunk) for chunk in _chunks(settings))


def _in_processes(settings: SoakSettings) -> Generator[Tally, None, None]:
    """The tallies in the order of the chunks. Leaving the iteration early ends the processes."""
    executor = ProcessPoolExecutor(
        settings.jobs, mp_context=multiprocessing.get_context(_start_method()), initializer=leave_signals_to_parent
    )
    pending: list[Future[Tally]] = []
    try:
        for chunk in _chunks(settings):
            if len(pending) >= _AHEAD * settings.jobs:
                yield pending.pop(0).result()
            with signals_held():  # the first one forks
                pending.append(executor.submit(play_chunk, settings, *chunk))
        while pending:
            yield pending.pop(0).result()
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _start_method() -> str:
    """Forking where it is safe, as sim.experiment.pool does."""
    return "fork" if sys.platform == "linux" else "spawn"
