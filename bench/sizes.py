"""How much work a measurement does."""

from dataclasses import dataclass

from bench.workload import CLIENTS, LIVE_PORTS


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """Numbers of operations (multiples of 200) and of rounds."""

    operations: int
    rounds: int
    long_operations: int
    long_rounds: int
    memory_operations: int
    live_ports: int = LIVE_PORTS


FULL = Sizes(operations=20_000, rounds=5, long_operations=200_000, long_rounds=1, memory_operations=1_000_000)
QUICK = Sizes(operations=4_000, rounds=3, long_operations=12_000, long_rounds=1, memory_operations=20_000)
TINY = Sizes(
    operations=2 * CLIENTS,
    rounds=1,
    long_operations=4 * CLIENTS,
    long_rounds=1,
    memory_operations=2 * CLIENTS,
    live_ports=200,
)
"""For the tests of this package."""
