"""Series of one run, in the order of arrival and in seconds, for comparison with theory: read from its tables."""

from pathlib import Path

import numpy as np

from sim.running import Run
from sim.scenario import load_scenario
from sim.simulation import run

THEORY = Path(__file__).resolve().parents[2] / "scenarios" / "theory"


def played(name: str, *overrides: str, seed: int = 1) -> Run:
    """A run of scenarios/theory/NAME.yaml in which nothing unforeseen has happened."""
    found = run(load_scenario(THEORY / f"{name}.yaml", overrides), seed=seed)
    assert found.outcome == "ok"
    assert set(found.tables.operations.column("outcome")) == {found.tables.operations.codes("outcome").find("ok")}
    return found


def latencies_s(found: Run, *, after_s: float) -> np.ndarray:
    """From the intended start to the answer, of the operations meant to start after `after_s`."""
    operations = found.tables.operations
    return _by_arrival(operations.column("intended_us"), operations.column("ended_us"), after_s)


def waits_s(found: Run, controller: str, *, after_s: float) -> np.ndarray:
    """How long each call waited in front of a controller, 0 for who found a place. Its queue is served in order.

    Every row of a controller's levels is an arrival or an end; an end takes one away. Of a call of 0 us nothing is seen
    but its row.
    """
    levels = found.tables.levels
    own = levels.column("resource") == levels.codes("resource").find(controller)
    at, in_use, queued = (levels.column(name)[own] for name in ("at_us", "in_use", "queued"))
    joined = np.diff(queued, prepend=0)
    arrives = np.diff(in_use + queued, prepend=0) >= 0
    waiting_from, waiting_to = np.repeat(at, joined.clip(min=0)), np.repeat(at, (-joined).clip(min=0))
    at_once = at[arrives & (joined == 0)]
    return _by_arrival(np.append(waiting_from, at_once), np.append(waiting_to, at_once), after_s)


def lock_waits_s(found: Run, transaction: str, *, after_s: float) -> np.ndarray:
    """How long each transaction of this name waited for rows."""
    transactions = found.tables.transactions
    own = transactions.column("name") == transactions.codes("name").find(transaction)
    began, waited = (transactions.column(name)[own] for name in ("began_us", "lock_wait_us"))
    return _by_arrival(began, began + waited, after_s)


def completions(found: Run, *, after_s: float, until_s: float, intervals: int) -> np.ndarray:
    """Operations answered in each of so many equal intervals of time, a second."""
    edges = np.linspace(after_s * 1e6, until_s * 1e6, intervals + 1)
    counts, _ = np.histogram(found.tables.operations.column("ended_us"), edges)
    return counts / ((until_s - after_s) / intervals)


def _by_arrival(began_us: np.ndarray, ended_us: np.ndarray, after_s: float) -> np.ndarray:
    order = np.argsort(began_us, kind="stable")
    order = order[began_us[order] >= after_s * 1e6]
    return (ended_us - began_us)[order] / 1e6
