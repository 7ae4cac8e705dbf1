"""Calibration: what a real database and the core cost on this machine, for the model of both. The only door.

    found = calibrate("postgresql")
    found.blocks()                      # {"database": {...}, "api": {...}}, to be merged into a scenario

`bindsim calibrate`, `bindsim validate` and notebooks call it.
"""

from sim.calibration.calibration import (
    FEWEST_SAMPLES,
    SAMPLES,
    STRATEGIES,
    Calibration,
    CalibrationError,
    calibrate,
)
from sim.calibration.costs import Costs

__all__ = ["FEWEST_SAMPLES", "SAMPLES", "STRATEGIES", "Calibration", "CalibrationError", "Costs", "calibrate"]
