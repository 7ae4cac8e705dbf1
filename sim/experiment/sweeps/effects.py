"""Elementary effects of the factors of a screening (Morris 1991), from SALib.

Used by sim.experiment.sweeps.screening. An effect is the change of the output over one step of a factor, divided by
the step as a share of the whole range. Each factor is analysed by itself, as a problem of one variable whose
trajectories have two points: so an effect whose points have no value is left out without the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.experiment.sweeps.factors import LEVELS, Factor
from sim.metrics.statistics import rounded

RESAMPLES = 1000  # of the bootstrap behind the confidence of mu_star
_NOISE = 1e-12  # of the largest output
LEAST_EFFECTS = 2  # fewer have neither spread nor confidence

Levels = np.ndarray[Any, np.dtype[np.float64]]  # trajectories x points x factors, each from 0 to 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One factor's effect on one output, in the metric's unit, over its whole range; None for too few effects.

    `mu_star` is the mean of the absolute effects, with the half-width of its 95 % bootstrap interval; `mu` their mean;
    `sigma` their standard deviation: large beside mu_star where the effect depends on the other factors.
    """

    factor: Factor
    count: int
    mu_star: float | None
    mu_star_conf: float | None
    mu: float | None
    sigma: float | None


def drawn_trajectories(count: int, factors: int, *, seed: int) -> Levels:
    """So many Morris trajectories over so many factors."""
    from SALib.sample import morris

    sampled = morris.sample(_problem(factors), count, num_levels=LEVELS, seed=seed)
    return np.asarray(sampled).reshape(count, factors + 1, factors)


def effects_on(
    factors: Sequence[Factor], levels: Levels, outputs: Sequence[Sequence[float | None]], *, seed: int
) -> tuple[Effect, ...]:
    """The effect of every factor on one output, the largest first. `outputs` has a value for each point of `levels`."""
    found = [
        _effect(factor, *_steps(levels[:, :, number], outputs), seed=seed) for number, factor in enumerate(factors)
    ]
    return tuple(sorted(found, key=lambda effect: -1.0 if effect.mu_star is None else effect.mu_star, reverse=True))


def _steps(levels: Levels, outputs: Sequence[Sequence[float | None]]) -> tuple[list[float], list[float]]:
    """The two points of each step of one factor: levels and outputs, where both have a value."""
    inputs, values = list[float](), list[float]()
    for line, told in zip(levels, outputs, strict=True):
        before = int(np.flatnonzero(np.diff(line))[0])
        one, other = told[before], told[before + 1]
        if one is not None and other is not None:
            inputs += [float(line[before]), float(line[before + 1])]
            values += [one, other]
    return inputs, values


def _effect(factor: Factor, inputs: list[float], values: list[float], *, seed: int) -> Effect:
    count = len(inputs) // 2
    if count < LEAST_EFFECTS:
        return Effect(factor=factor, count=count, mu_star=None, mu_star_conf=None, mu=None, sigma=None)
    from SALib.analyze import morris

    found = morris.analyze(
        _problem(1), np.array(inputs).reshape(-1, 1), np.array(values), num_resamples=RESAMPLES, num_levels=LEVELS,
        seed=seed,
    )  # fmt: skip
    names = ("mu_star", "mu_star_conf", "mu", "sigma")
    scale = max(map(abs, values))
    return Effect(factor=factor, count=count, **{name: _tidy(float(found[name][0]), scale) for name in names})


def _tidy(value: float, scale: float) -> float:
    """What only floating point makes of outputs of this size is 0."""
    return 0.0 if abs(value) <= _NOISE * scale else rounded(value)


def _problem(factors: int) -> dict[str, Any]:
    return {"num_vars": factors, "names": [f"x{n}" for n in range(factors)], "bounds": [[0.0, 1.0]] * factors}
