"""Processes with threads that share a loop's work: started as the engine starts its API processes, and timed together.

The time of a loop runs from when all of them stand, with open connections and prepared work, to the end of the last
unit. Each process has an equal part of the units; its threads take them one after the other.
"""

import multiprocessing
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from pickle import loads
from typing import Any

from sqlalchemy import Engine

from bench.wall_clock.load import Shape
from bench.wall_clock.loops import Loop, Perform
from sim.servers import ServerAddress

MakeLoop = Callable[..., Loop]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one process does: each `step`-th of the units in the file `units`, from number `first` on."""

    make: MakeLoop
    address: ServerAddress
    threads: int
    units: Path
    first: int
    step: int


def time_loop(make: MakeLoop, address: ServerAddress, shape: Shape, units: Path) -> float:
    """Seconds that the loop takes for all units. AssertionError with its traceback when a process fails."""
    context = multiprocessing.get_context("forkserver")
    pipes: list[Connection[Any, Any]] = []
    for number in range(shape.processes):
        ours, theirs = context.Pipe()
        part = Part(
            make=make, address=address, threads=shape.threads, units=units, first=number, step=shape.processes
        )  # fmt: skip
        context.Process(target=serve, args=(part, theirs), daemon=True).start()
        theirs.close()
        pipes.append(ours)
    for pipe in pipes:
        _heard(pipe)
    began_ns = time.monotonic_ns()
    for pipe in pipes:
        pipe.send(None)
    return (max(_heard(pipe) for pipe in pipes) - began_ns) / 1e9


def _heard(pipe: "Connection[Any, Any]") -> int:
    """The instant at which a process has come so far, ns of the monotonic clock."""
    said: int | str = pipe.recv()
    assert isinstance(said, int), f"a process of the loop failed:\n{said}"
    return said


def serve(part: Part, pipe: "Connection[Any, Any]") -> None:
    """The life of a process."""
    try:
        engine = part.address.engine(size=part.threads, max_overflow=0)
        with closing(_Serving(part, engine)) as serving:
            pipe.send(time.monotonic_ns())
            pipe.recv()
            pipe.send(serving.work())
    except BaseException:
        pipe.send(traceback.format_exc())


class _Serving:
    """The threads of one process, which stand when this is made."""

    def __init__(self, part: Part, engine: Engine) -> None:
        loop = part.make(engine, threads=part.threads)
        units = loads(part.units.read_bytes())[part.first :: part.step]
        self._engine = engine
        self._units: Iterator[Any] = iter([loop.prepared(unit) for unit in units])
        self._stands = threading.Barrier(part.threads + 1)
        self._begins = threading.Event()
        self._failures: list[str] = []
        self._threads = [threading.Thread(target=self._run, args=(loop,)) for _ in range(part.threads)]
        for thread in self._threads:
            thread.start()
        self._stands.wait()

    def _run(self, loop: Loop) -> None:
        try:
            perform = loop.performer()
            self._stands.wait()
            self._begins.wait()
            self._perform(perform)
        except Exception:
            self._failures.append(traceback.format_exc())
            self._stands.abort()

    def _perform(self, perform: Perform) -> None:
        for unit in self._units:
            perform(unit)

    def work(self) -> int:
        """Lets them do everything; the instant at which the last one was done."""
        self._begins.set()
        for thread in self._threads:
            thread.join()
        ended_ns = time.monotonic_ns()
        assert not self._failures, self._failures[0]
        return ended_ns

    def close(self) -> None:
        """Closes the connections."""
        self._engine.dispose()
