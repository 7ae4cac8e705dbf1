"""Prints what an append to the widest table costs: python tests/sim/metrics/measure_table.py"""

import timeit
from array import array

from sim.metrics import Tables

ROW = (12345, 3, 2, 40000, 12, 55, -1, 0, 123456789, 123456799, 123466789, 1, -1, 1, 3)


def main() -> None:
    operations, flat = Tables.empty().operations, array("q")
    packed = min(timeit.repeat(lambda: operations.append(*ROW), number=100_000)) * 10
    extended = min(timeit.repeat(lambda: flat.extend(ROW), number=100_000)) * 10
    print(f"Table.append {packed:.2f} us, {operations.size_bytes // len(operations)} bytes a row")
    print(f"array.extend {extended:.2f} us, {8 * len(ROW)} bytes a row")


main()
