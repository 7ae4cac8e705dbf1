"""Validation: what the simulator predicts beside what a real database measures. The only door of this package.

    found = validate(load_scenario("validation"), database="postgresql")
    found.frame()                       # one row a metric, strategy and load

Every pair of runs has the same arrivals, targets and remote latencies; costs are calibrated on the same machine just
before. Runs alternate, and each measured run is repeated, which says how far two measurements of the same thing lie
apart.
"""

from sim.validation.cell import Cell, Pairing
from sim.validation.result import Row, Validation
from sim.validation.targets import LOADS, METRICS, Target, targets_of
from sim.validation.validating import Plan, validate

__all__ = ["LOADS", "METRICS", "Cell", "Pairing", "Plan", "Row", "Target", "Validation", "targets_of", "validate"]
