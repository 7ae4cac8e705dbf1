"""What a run costs, and what it costs to pack, unpack and measure it again.

python tests/sim/experiment/measure_spool.py
"""

import time
from collections.abc import Callable
from typing import Any

from sim.experiment.spool import packed, unpacked
from sim.metrics.measure import measure
from sim.metrics.steady import within
from sim.scenario import load_scenario
from sim.simulation import run


def timed(name: str, work: Callable[[], Any], *, against_s: float | None = None) -> tuple[Any, float]:
    began_s = time.process_time()
    result = work()
    took_s = time.process_time() - began_s
    share = "" if against_s is None else f", {took_s / against_s:.1%} of the run"
    print(f"{name}: {took_s:.3f} s{share}")
    return result, took_s


def main() -> None:
    scenario = load_scenario("hot_port", ["horizon.duration_s=600"])
    facts, run_s = timed("run", lambda: run(scenario, strategy="deferred"))
    data, _ = timed("pack", lambda: packed(facts), against_s=run_s)
    back, _ = timed("unpack", lambda: unpacked(data), against_s=run_s)
    timed("cut and measure", lambda: measure(within(back, 60_000_000)), against_s=run_s)
    size = sum(table.size_bytes for table in facts.tables.all())
    print(
        f"{len(facts.tables.operations):,} operations, tables of {size / 1e6:.1f} MB, packed {len(data) / 1e6:.1f} MB"
    )


if __name__ == "__main__":
    main()
