"""Prints how often queues of known load are called saturated: python THIS_FILE"""

import numpy as np

from sim.metrics import Tables
from sim.metrics.saturation import detect_saturation

S = 1_000_000  # us in a second
RUNS = 200


def is_saturated(load: float, seed: int) -> bool:
    draws, free, table = np.random.default_rng(seed), 0.0, Tables.empty().operations
    arrivals = np.sort(draws.uniform(0, 60, size=draws.poisson(1200)))
    for began, length in zip(arrivals, draws.exponential(load / 20, size=len(arrivals)), strict=True):
        free = max(began, free) + length
        times = (round(began * S), round(began * S), round(free * S))
        table.append(0, 0, 0, 0, 0, 0, -1, 0, *times, 0, -1, -1, 0)
    return detect_saturation(table, load_end_us=60 * S, now_us=700 * S) is not None


for load in (0.5, 0.8, 0.9, 0.95, 1.0, 1.1, 1.15, 1.3, 1.5):
    called = sum(is_saturated(load, seed) for seed in range(RUNS))
    print(f"load {load:4.2f}: {called / RUNS:.1%} called saturated")
