"""Experiments: what is varied over a scenario, as a file or on the command line, and the scenarios that come of it.

The only door to this package. It never runs anything and imports no numerical library.
"""

from sim.scenario.experiments.document import Experiment
from sim.scenario.experiments.grid import LARGEST_GRID, Point, grid, with_settings
from sim.scenario.experiments.loader import is_experiment, load_experiment, overrides_of
from sim.scenario.experiments.varying import Axis, axes_of, axis_of

__all__ = [
    "LARGEST_GRID",
    "Axis",
    "Experiment",
    "Point",
    "axes_of",
    "axis_of",
    "grid",
    "is_experiment",
    "load_experiment",
    "overrides_of",
    "with_settings",
]
