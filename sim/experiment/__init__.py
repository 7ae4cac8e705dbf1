"""Experiments: replications over strategies on all cores, paired comparisons, the break-even map.

The command line and reports use this door. Nothing here prints or draws.
"""

from sim.experiment.break_even import BreakEvenMap, Cell, break_even_map, keep_map, map_identity
from sim.experiment.comparing import (
    STANDARD_SCENARIOS,
    StandardComparison,
    check_precision,
    choose_strategies,
    compare,
    identity_of,
    standard_comparison,
)
from sim.experiment.comparison import Comparison, Row
from sim.experiment.intervals import Interval
from sim.experiment.jobs import Job, Outcome, ReplicationFailed, Runner
from sim.experiment.objectives import Judged
from sim.experiment.pooled import Quantile, pooled, pooled_quantile
from sim.experiment.precision import MOST, Precision, judged_metrics
from sim.experiment.progress import OnProgress, Progress
from sim.experiment.settings import REPLICATIONS, Settings
from sim.experiment.verdict import Judgement, Verdict
from sim.experiment.verification import Group, Unknown, Verification, checked_histories

__all__ = [
    "MOST",
    "REPLICATIONS",
    "STANDARD_SCENARIOS",
    "BreakEvenMap",
    "Cell",
    "Comparison",
    "Group",
    "Interval",
    "Job",
    "Judged",
    "Judgement",
    "OnProgress",
    "Outcome",
    "Precision",
    "Progress",
    "Quantile",
    "ReplicationFailed",
    "Row",
    "Runner",
    "Settings",
    "StandardComparison",
    "Unknown",
    "Verdict",
    "Verification",
    "break_even_map",
    "check_precision",
    "checked_histories",
    "choose_strategies",
    "compare",
    "identity_of",
    "judged_metrics",
    "keep_map",
    "map_identity",
    "pooled",
    "pooled_quantile",
    "standard_comparison",
]
