"""Prints what recording a history and checking it cost: python -m tests.sim.history.measure_history [PAIRS]

Recording: pairs of runs of the bench's load (20,000 operations) without and with a history, alternating in one process;
the median of the ratios of processor time. Checking: 20,000 and 200,000 operations.
"""

import sys
import time
from statistics import median

from bench.workload import SEED, scenario
from sim.history import History, check
from sim.simulation import run

SHORT, LONG = 20_000, 200_000  # operations


def run_s(operations: int, *, history: bool) -> tuple[float, History | None]:
    began = time.process_time()
    played = run(scenario(operations), seed=SEED, history=history)
    return time.process_time() - began, played.history


def check_us(operations: int) -> tuple[float, float]:
    """Microseconds an operation, and bytes an operation of the history."""
    _, recorded = run_s(operations, history=True)
    assert recorded is not None
    began = time.process_time()
    check(recorded)
    return (time.process_time() - began) / operations * 1e6, recorded.tables.size_bytes / operations


def main(pairs: int) -> None:
    ratios = [run_s(SHORT, history=True)[0] / run_s(SHORT, history=False)[0] for _ in range(pairs)]
    middle = median(ratios)
    low, high = min(ratios), max(ratios)
    print(f"with a history a run takes {middle:.2f} times as long ({low:.2f} to {high:.2f} in {pairs} pairs):")
    print(f"recording costs {1 - 1 / middle:.0%} of the speed")
    for operations in (SHORT, LONG):
        microseconds, size = check_us(operations)
        print(f"{operations:,} operations: {size:.0f} bytes each, checked in {microseconds:.0f} us each")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
