"""Prints what the metrics of a run cost: python tests/sim/metrics/measure_metrics.py [OPERATIONS]"""

import resource
import sys
import time

from sim.metrics import RunFacts, Tables
from sim.metrics.measure import measure

# Rows an operation; assumption, somewhat more than in a run of hot_port.
ROWS = {
    "operations": 1, "attempts": 1, "transactions": 3, "driver_calls": 6, "lock_waits": 1, "levels": 8, "conflicts": 1,
}  # fmt: skip


def main(count: int) -> None:
    tables = Tables.empty()
    for column in (column for table in tables.all() for column in table.columns):
        if column.codes is not None:
            [column.codes.code(name) for name in "abc"]
    for table in tables.all():
        for row in range(count * ROWS.get(table.name, 0)):
            own = row % count if table.columns[0].name == "operation" else row % 3
            table.append(own, *[row * 7919 % 3 for _ in table.columns[1:]])
    facts = RunFacts(
        scenario="", strategy="", seed=1, replication=0, tables=tables, virtual_us=10**9, load_end_us=10**9
    )
    began = time.perf_counter()
    measure(facts)
    print(f"{count} operations: {(time.perf_counter() - began) * 1e3:.0f} ms, ", end="")
    print(f"{sum(table.size_bytes for table in tables.all()) / count:.0f} bytes an operation, ", end="")
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB at most")


main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
