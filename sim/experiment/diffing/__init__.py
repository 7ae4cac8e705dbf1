"""What changed between two saved results: scenario, code, results. The only door to this package.

    diff_results(load_run("before"), load_run("after")).regressions

`bindsim diff` and notebooks call it. It runs nothing but, when asked to, the A/A runs that the noise is learned from.
"""

from sim.experiment.diffing.changes import Change
from sim.experiment.diffing.differences import Difference
from sim.experiment.diffing.noise import Noise, learned_noise, noise_of_pairs, noise_of_spread
from sim.experiment.diffing.result import ResultDiff, diff_results

__all__ = [
    "Change",
    "Difference",
    "Noise",
    "ResultDiff",
    "diff_results",
    "learned_noise",
    "noise_of_pairs",
    "noise_of_spread",
]
