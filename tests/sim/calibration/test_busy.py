"""How much quicker a busy core is, from timings that were made up."""

import numpy as np
import pytest

from sim.calibration.blocks import times
from sim.calibration.busy import NOT_KNOWN, busy_cores
from sim.calibration.stopwatch import CLOSE, Timings


def seen(client_us: float, server_us: float, *, queued_us: float, rows: int) -> list[list[float]]:
    return [[client_us + server_us + queued_us, client_us, server_us, queued_us]] * rows


def timings(*parts: list[list[float]]) -> Timings:
    rows = np.rint(1000 * np.array([row for part in parts for row in part])).astype(np.int64)
    return Timings(*rows.T)


def test_names_are_compared_with_themselves_and_shares_are_of_all_calls() -> None:
    calls = {
        ("port.lock", True): timings(seen(60, 40, queued_us=0, rows=50), seen(45, 35, queued_us=100, rows=50)),
        ("port.update", False): timings(seen(10, 10, queued_us=0, rows=200)),
        (CLOSE, False): timings(seen(5, 0, queued_us=500, rows=1000)),
    }
    found = busy_cores(calls)
    assert found.factor == pytest.approx(0.8)
    assert found.share == pytest.approx(50 / 300)
    mean = found.share * found.factor + (1 - found.share)  # of what an idle core takes
    assert found.idle_over_mean == pytest.approx(1 / mean)


def test_too_few_calls_that_waited_say_nothing() -> None:
    few = timings(seen(60, 40, queued_us=0, rows=500), seen(10, 10, queued_us=100, rows=29))
    assert busy_cores({("port.lock", True): few}) == NOT_KNOWN


def test_a_busy_core_is_never_slower() -> None:
    odd = timings(seen(60, 40, queued_us=0, rows=50), seen(70, 70, queued_us=100, rows=50))
    assert busy_cores({("port.lock", True): odd}).factor == 1


def test_only_durations_of_a_distribution_are_scaled() -> None:
    spec = {"mixture": [{"weight": 0.5, "gamma": {"mean_s": 0.2, "cv": 0.5, "shift_s": 0.1}}]}
    assert times(2, spec) == {"mixture": [{"weight": 0.5, "gamma": {"mean_s": 0.4, "cv": 0.5, "shift_s": 0.2}}]}
    assert times(2, {"empirical": {"quantiles_s": [0.1, 0.2]}}) == {"empirical": {"quantiles_s": [0.2, 0.4]}}
    assert times(1, 0.123456789, "value_s") == 0.123456789
