"""Sweeps: a scenario's strategies at every point of what is varied, and the screening of its assumptions.

The command line and reports use this door. Nothing here prints or draws.
"""

from sim.experiment.sweeps.keeping import folder_of, identity_of, keep_sweep
from sim.experiment.sweeps.merging import Merged, merge
from sim.experiment.sweeps.result import Failure, Sweep, SweptPoint
from sim.experiment.sweeps.screening import Screening, run_screening, screen, screen_folder, screen_identity, screened
from sim.experiment.sweeps.settings import Shard, SweepProgress, SweepSettings
from sim.experiment.sweeps.sweeping import Asked, ask, asked_by, run_sweep, sweep, told_by

__all__ = [
    "Asked",
    "Failure",
    "Merged",
    "Screening",
    "Shard",
    "Sweep",
    "SweepProgress",
    "SweepSettings",
    "SweptPoint",
    "ask",
    "asked_by",
    "folder_of",
    "identity_of",
    "keep_sweep",
    "merge",
    "run_screening",
    "run_sweep",
    "screen",
    "screen_folder",
    "screen_identity",
    "screened",
    "sweep",
    "told_by",
]
