"""Two normal distributions mixed, fitted to data by expectation and maximisation (Dempster, Laird and Rubin 1977).

sim.fitting.estimators calls it on logarithms. It starts from three splits of the data, always the same, so the same
data give the same digits.
"""

from dataclasses import dataclass

import numpy as np

from sim.fitting.columns import Numbers

_STARTS = (0.3, 0.5, 0.8)  # where the data are split first, as shares
_SAMPLE = 2_000  # values on which the starts are compared
_ROUNDS = 2_000  # a limit; hundreds are usual where the parts overlap
_ENOUGH = 1e-9  # gain of the mean logarithmic likelihood in one round
_NARROWEST = 0.01  # standard deviation of a logarithm: 1 % around one value, where it would stand for a repeated one
_SMALLEST = 0.005  # weight; a smaller part describes single values


class NoMixture(Exception):
    """The data are not two parts; the text says in what way."""


@dataclass(frozen=True, slots=True)
class Part:
    """One of the two."""

    weight: float
    mean: float
    deviation: float


def two_normals(values: Numbers) -> tuple[Part, Part]:
    """The likelier mixture, the part with the smaller mean first. `values` ascend. Raises NoMixture."""
    sample = values[np.linspace(0, len(values) - 1, min(len(values), _SAMPLE)).astype(int)]
    tried = [_climb(sample, _start(sample, share)) for share in _STARTS]
    _, best = max(tried, key=lambda pair: pair[0])
    _, (weights, means, deviations) = _climb(values, best)
    if deviations.min() <= _NARROWEST:
        raise NoMixture("one part would shrink to a single value")
    if weights.min() < _SMALLEST:
        raise NoMixture(f"one part would hold less than {100 * _SMALLEST:g} % of the values")
    order = np.argsort(means)
    first, second = (Part(float(weights[i]), float(means[i]), float(deviations[i])) for i in order)
    return first, second


_State = tuple[Numbers, Numbers, Numbers]  # weights, means, standard deviations: two each


def _start(values: Numbers, share: float) -> _State:
    cut = max(2, min(len(values) - 2, int(share * len(values))))
    halves = (values[:cut], values[cut:])
    deviations = np.array([max(half.std(), _NARROWEST) for half in halves])
    return np.array([share, 1 - share]), np.array([half.mean() for half in halves]), deviations


def _climb(values: Numbers, state: _State) -> tuple[float, _State]:
    """Rounds until one gains next to nothing; the mean logarithmic likelihood before the last, and the state."""
    before = -np.inf
    for _ in range(_ROUNDS):
        found, state = _round(values, state)
        if found - before < _ENOUGH:
            break
        before = found
    return found, state


def _round(values: Numbers, state: _State) -> tuple[float, _State]:
    weights, means, deviations = state
    scaled = (values[:, None] - means) / deviations
    logs = np.log(weights / deviations) - scaled**2 / 2
    whole = np.logaddexp(logs[:, 0], logs[:, 1])
    shares = np.exp(logs - whole[:, None])
    sums = np.maximum(shares.sum(axis=0), 1e-12)
    means = (shares * values[:, None]).sum(axis=0) / sums
    spread = np.sqrt((shares * (values[:, None] - means) ** 2).sum(axis=0) / sums)
    return float(whole.mean()), (sums / len(values), means, np.maximum(spread, _NARROWEST))
