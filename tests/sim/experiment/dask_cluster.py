"""A real Dask cluster on the loopback interface: one scheduler and worker processes, started by a test."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_START_WITHIN_S = 60.0
_ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class RunningCluster:
    address: str
    workers: tuple[subprocess.Popen[bytes], ...]


@contextmanager
def dask_cluster(folder: Path, *, workers: int = 2) -> Iterator[RunningCluster]:
    """The cluster, ended when the block ends. The system chooses the ports."""
    started: list[subprocess.Popen[bytes]] = []
    try:
        file = folder / "scheduler.json"
        ports = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        started.append(_dask("scheduler", *ports, "--scheduler-file", str(file)))
        address = _address_in(file)
        for number in range(workers):
            names = ("--name", str(number), "--local-directory", str(folder))
            started.append(_dask("worker", address, "--nthreads", "1", "--no-dashboard", "--no-nanny", *names))
        yield RunningCluster(address, tuple(started[1:]))
    finally:
        for process in started:
            process.send_signal(signal.SIGKILL)
            process.wait()


def _dask(*arguments: str) -> subprocess.Popen[bytes]:
    dask = Path(sys.executable).with_name("dask")
    environment = {**os.environ, "PYTHONPATH": str(_ROOT)}
    return subprocess.Popen(
        [dask, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment, cwd=_ROOT
    )


def _address_in(file: Path) -> str:
    """What the scheduler writes when it listens."""
    end_s = time.monotonic() + _START_WITHIN_S
    while time.monotonic() < end_s:
        try:
            return str(json.loads(file.read_text())["address"])
        except (OSError, ValueError):
            time.sleep(0.05)
    raise TimeoutError(f"no scheduler within {_START_WITHIN_S} s")
