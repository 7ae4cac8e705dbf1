"""Does an operation cost more in a long run? And how much memory does a million of them take?"""

import os
import subprocess
import sys
from collections.abc import Callable, Collection
from pathlib import Path

from bench.rounds import Job, Part, Timings, alternate
from bench.simulated import SimulatedRun

SHORT, LONG, AGAIN = "short run", "long run", "short run again"
MILLION = 1_000_000


def time_lengths(short: int, long: int, *, live_ports: int, rounds: int, progress: Callable[[str], None]) -> Timings:
    """Seconds an operation in a short run, a long one, and a short one again."""
    lengths = {SHORT: short, LONG: long, AGAIN: short}
    parts = [Part(name, _preparing(operations, live_ports)) for name, operations in lengths.items()]
    return alternate(parts, rounds=rounds, progress=progress)


def growth_ratios(timings: Timings) -> list[float]:
    """Cost of an operation in the long run over the mean cost in the short ones around it, round by round."""
    rounds = zip(timings[SHORT], timings[LONG], timings[AGAIN], strict=True)
    return [2 * long / (before + after) for before, long, after in rounds]


def _preparing(operations: int, live_ports: int) -> Callable[[], Job]:
    def prepare() -> Job:
        run = SimulatedRun(operations, live_ports=live_ports)
        return Job(run.run, run.check_and_close)

    return prepare


def peak_gb_of_run(operations: int, *, live_ports: int) -> float:
    """Runs this many operations in this process; the largest memory that it ever had resident, GB (10**9 bytes)."""
    run = SimulatedRun(operations, live_ports=live_ports)
    run.run()
    run.check()
    return _peak_kib() * 1024 / 1e9


class MemoryRun:
    """`peak_gb_of_run` in a process of its own, which nothing measured before can have made larger.

    It starts at once, on `cores`, so that it does not disturb the one on which times are measured meanwhile.
    """

    def __init__(self, operations: int, *, live_ports: int, cores: Collection[int]) -> None:
        command = [sys.executable, "-m", "bench", "--memory-of", str(operations), "--live-ports", str(live_ports)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1])
        if cores:
            os.sched_setaffinity(self._process.pid, cores)

    def peak_gb(self) -> float:
        """Waits for its end."""
        answer, _ = self._process.communicate()
        if self._process.returncode:
            raise RuntimeError(f"the memory run ended with exit status {self._process.returncode}")
        return float(answer)


def _peak_kib() -> int:
    """Linux's VmHWM: unlike getrusage's figure it does not include the process that started this one."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1])
