"""Timing programs against each other: in turn, round after round, so that a machine that slows down slows all of them.

Wall time, one thread, one core (`stay_on_one_core`). The garbage collector stays on as Python starts it, because every
user of these programs has it on; garbage of earlier work is collected before each timing.
"""

import gc
import os
from collections.abc import Callable, Sequence
from statistics import median
from time import perf_counter
from typing import NamedTuple


class Job(NamedTuple):
    """`work` is timed and returns how many units of work (operations, events) it has done; `close` is not timed."""

    work: Callable[[], int]
    close: Callable[[], object] = lambda: None


class Part(NamedTuple):
    """A program to time: `prepare` makes everything that is not timed and returns the job."""

    name: str
    prepare: Callable[[], Job]


Timings = dict[str, list[float]]
"""Seconds a unit of work, by the part's name, one a round."""


class Placement(NamedTuple):
    """The core that this process stays on, None where the system cannot do that, and the others that it could use."""

    core: int | None
    others: frozenset[int]


def stay_on_one_core() -> Placement:
    """Keeps this process on the last of its cores."""
    if not hasattr(os, "sched_setaffinity"):
        return Placement(None, frozenset())
    cores = os.sched_getaffinity(0)
    core = max(cores)
    os.sched_setaffinity(0, {core})
    return Placement(core, frozenset(cores - {core}))


def alternate(parts: Sequence[Part], *, rounds: int, progress: Callable[[str], None]) -> Timings:
    """Times every part once a round, in their order."""
    timings: Timings = {part.name: [] for part in parts}
    for number in range(1, rounds + 1):
        for part in parts:
            seconds = _time_once(part)
            timings[part.name].append(seconds)
            progress(f"round {number} of {rounds}: {part.name}, {seconds * 1e6:.1f} us a unit")
    return timings


def _time_once(part: Part) -> float:
    job = part.prepare()
    gc.collect()
    began = perf_counter()
    units = job.work()
    seconds = perf_counter() - began
    job.close()
    return seconds / units


def paired_ratios(timings: Timings, over: str, under: str) -> list[float]:
    """Time a unit of the one over that of the other, round by round."""
    return [one / other for one, other in zip(timings[over], timings[under], strict=True)]


def rate(timings: Timings, name: str) -> float:
    """Units a second: the median of the rounds."""
    return 1 / median(timings[name])
