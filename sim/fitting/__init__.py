"""Fitting: the distribution of a scenario that comes nearest to measured data, with the reasons. The only door.

    fit = fit_durations(read_column("durations.csv", "seconds"))
    print(fit.spec)                     # what a scenario writes

`bindsim fit` and notebooks call it. It draws nothing and changes no scenario.
"""

from sim.fitting.columns import FEWEST_ROWS, UNITS, Column, read_column
from sim.fitting.counts import CountFit, fit_counts
from sim.fitting.durations import DurationFit, fit_durations

__all__ = [
    "FEWEST_ROWS",
    "UNITS",
    "Column",
    "CountFit",
    "DurationFit",
    "fit_counts",
    "fit_durations",
    "read_column",
]
