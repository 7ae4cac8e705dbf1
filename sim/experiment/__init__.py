"""Experiments: replications over strategies on all cores, paired comparisons, the break-even map.

The command line and reports use this door. Nothing here prints or draws.
"""

from sim.experiment.break_even import BreakEvenMap, Cell, break_even_map, keep_map, map_identity
from sim.experiment.comparing import (
    REPLICATIONS,
    STANDARD_SCENARIOS,
    Settings,
    StandardComparison,
    choose_strategies,
    compare,
    standard_comparison,
)
from sim.experiment.comparison import Comparison, Row
from sim.experiment.intervals import Interval
from sim.experiment.jobs import Job, Outcome, ReplicationFailed, Runner
from sim.experiment.progress import OnProgress, Progress
from sim.experiment.verdict import Judgement, Verdict
from sim.experiment.verification import Group, Unknown, Verification, checked_histories

__all__ = [
    "REPLICATIONS",
    "STANDARD_SCENARIOS",
    "BreakEvenMap",
    "Cell",
    "Comparison",
    "Group",
    "Interval",
    "Job",
    "Judgement",
    "OnProgress",
    "Outcome",
    "Progress",
    "ReplicationFailed",
    "Row",
    "Runner",
    "Settings",
    "StandardComparison",
    "Unknown",
    "Verdict",
    "Verification",
    "break_even_map",
    "checked_histories",
    "choose_strategies",
    "compare",
    "keep_map",
    "map_identity",
    "standard_comparison",
]
