"""RunFacts: everything about one finished run that metrics are computed from.

`sim.running.Run` provides these attributes (a superclass, or simply the same names); tests make them by
hand. Numbers only: nothing here refers to the kernel, the core or a file.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sim.metrics.tables import Tables

Micros = np.ndarray[Any, np.dtype[np.int64]]

# The outcomes of a run, from best to worst. Latencies are given for the first only.
OUTCOMES = ("ok", "not quiescent", "saturated", "stalled")


@dataclass(kw_only=True)
class RunFacts:
    """One run of one strategy: what was recorded, and what only the simulation could see.

    Times are microseconds of virtual time. `lost` maps `<class>` (overwritten, stale, missing, orphaned,
    unbacked, diverged) and `<class>.<sub-count>` to a count, or to None when it is unknown because the run
    did not come to rest. `windows` maps 'unbound' to the length of each window in which a port with a host
    was visible unbound, and 'double_owner' to each in which two hosts believed they owned one port; `windows_from`
    maps them to when each began. Where only what began from `cut_us` on is measured (sim.metrics.steady), `tables` and
    `windows` hold that alone, and `whole` the tables of the whole run.
    """

    scenario: str
    strategy: str
    seed: int
    replication: int
    tables: Tables
    virtual_us: int  # when the run ended
    load_end_us: int  # when arrivals stopped
    outcome: str = "ok"
    client_timeout_us: int | None = None  # the client's patience; None: it waits for ever
    saturated_from_us: int | None = None
    unfinished: int = 0  # operations without an answer at the end of the run
    stall: list[str] = field(default_factory=list)  # the cycle or the suspension points, in words
    lost: dict[str, int | None] = field(default_factory=dict)
    windows: dict[str, Micros] = field(default_factory=dict)
    windows_from: dict[str, Micros] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)  # anything else worth a number, by name
    cut_us: int | None = None
    whole: Tables | None = None
