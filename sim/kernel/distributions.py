"""Distributions of durations, by inverse CDF: a uniform number in, seconds or whole microseconds out.

Built by the scenario layer from a file, drawn from by the models with ``Draws.uniform``. A distribution keeps no state
and never draws a number itself, so the same uniform number always gives the same duration.

``shift_s`` is added to every draw, so it moves minimum, mean, median and percentiles alike.
"""

import math
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from statistics import NormalDist
from typing import Any

_NORMAL = NormalDist()
_Z95 = _NORMAL.inv_cdf(0.95)
_MIXTURE_TOLERANCE_S = 2.5e-7  # a quarter of the clock's microsecond


@dataclass(frozen=True)
class Distribution(ABC):
    """A distribution of non-negative durations in seconds. Parameters out of range raise ValueError."""

    shift_s: float = field(default=0.0, kw_only=True)

    def __post_init__(self) -> None:
        self._require("shift_s", self.shift_s, at_least=0.0)

    @property
    @abstractmethod
    def mean_s(self) -> float:
        """The mean in seconds, shift included."""

    @abstractmethod
    def quantile(self, u: float) -> float:
        """The duration in seconds that a share ``u`` of draws does not exceed; 0 < u < 1."""

    @abstractmethod
    def cdf(self, x_s: float) -> float:
        """The share of draws that do not exceed ``x_s``."""

    def quantile_us(self, u: float) -> int:
        """``quantile`` rounded to whole microseconds: what a model draws."""
        return int(self.quantile(u) * 1e6 + 0.5)

    def _require(self, name: str, value: float, *, at_least: float | None = None, above: float | None = None) -> None:
        if not math.isfinite(value):
            raise ValueError(f"{type(self).__name__}: {name} is {value}; it must be a finite number")
        if at_least is not None and value < at_least:
            raise ValueError(f"{type(self).__name__}: {name} is {value}; it must be at least {at_least:g}")
        if above is not None and value <= above:
            raise ValueError(f"{type(self).__name__}: {name} is {value}; it must be above {above:g}")


@dataclass(frozen=True)
class Constant(Distribution):
    """Always ``value_s``."""

    value_s: float

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require("value_s", self.value_s, at_least=0.0)

    @property
    def mean_s(self) -> float:
        return self.value_s + self.shift_s

    def quantile(self, u: float) -> float:
        return self.value_s + self.shift_s

    def cdf(self, x_s: float) -> float:
        return 1.0 if x_s >= self.value_s + self.shift_s else 0.0


@dataclass(frozen=True, init=False)
class Exponential(Distribution):
    """F(x) = 1 - exp(-x / m). The constructor's ``mean_s`` is m, before the shift; the property includes the shift."""

    unshifted_mean_s: float

    def __init__(self, mean_s: float, *, shift_s: float = 0.0) -> None:
        object.__setattr__(self, "unshifted_mean_s", mean_s)
        object.__setattr__(self, "shift_s", shift_s)
        self.__post_init__()

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require("mean_s", self.unshifted_mean_s, above=0.0)

    @property
    def mean_s(self) -> float:
        return self.unshifted_mean_s + self.shift_s

    def quantile(self, u: float) -> float:
        return self.shift_s - self.unshifted_mean_s * math.log1p(-u)

    def cdf(self, x_s: float) -> float:
        return -math.expm1(-max(0.0, x_s - self.shift_s) / self.unshifted_mean_s)


@dataclass(frozen=True)
class Lognormal(Distribution):
    """exp(mu + sigma Z) with median exp(mu) and 95th percentile exp(mu + 1.645 sigma), both before the shift."""

    median_s: float
    p95_s: float

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require("median_s", self.median_s, above=0.0)
        self._require("p95_s", self.p95_s, at_least=self.median_s)

    @cached_property
    def mu(self) -> float:
        """The mean of the logarithm of seconds."""
        return math.log(self.median_s)

    @cached_property
    def sigma(self) -> float:
        """The standard deviation of the logarithm."""
        return math.log(self.p95_s / self.median_s) / _Z95

    @property
    def mean_s(self) -> float:
        return self.shift_s + math.exp(self.mu + self.sigma**2 / 2)

    def quantile(self, u: float) -> float:
        return self.shift_s + math.exp(self.mu + self.sigma * _NORMAL.inv_cdf(u))

    def cdf(self, x_s: float) -> float:
        if x_s <= self.shift_s:
            return 0.0
        if self.sigma == 0.0:
            return 1.0 if x_s - self.shift_s >= self.median_s else 0.0
        return _NORMAL.cdf((math.log(x_s - self.shift_s) - self.mu) / self.sigma)


@dataclass(frozen=True, init=False)
class Gamma(Distribution):
    """Shape 1 / cv^2, scale m cv^2. The constructor's ``mean_s`` is m, before the shift; the property includes it.

    A quantile costs 1.3 us (scipy's inverse incomplete gamma function; tests/sim/kernel/measure_kernel.py).
    """

    unshifted_mean_s: float
    cv: float

    def __init__(self, mean_s: float, cv: float, *, shift_s: float = 0.0) -> None:
        object.__setattr__(self, "unshifted_mean_s", mean_s)
        object.__setattr__(self, "cv", cv)
        object.__setattr__(self, "shift_s", shift_s)
        self.__post_init__()

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require("mean_s", self.unshifted_mean_s, above=0.0)
        self._require("cv", self.cv, above=0.0)

    @property
    def mean_s(self) -> float:
        return self.unshifted_mean_s + self.shift_s

    @cached_property
    def shape(self) -> float:
        """The shape parameter."""
        return self.cv**-2

    @cached_property
    def scale_s(self) -> float:
        """The scale parameter in seconds."""
        return self.unshifted_mean_s * self.cv**2

    def quantile(self, u: float) -> float:
        return self.shift_s + self.scale_s * float(self._functions[1](self.shape, u))

    def cdf(self, x_s: float) -> float:
        return float(self._functions[0](self.shape, max(0.0, x_s - self.shift_s) / self.scale_s))

    @cached_property
    def _functions(self) -> tuple[Callable[..., Any], Callable[..., Any]]:
        # Imported when first needed: scipy.special takes a noticeable part of a short command's time.
        from scipy.special import gammainc, gammaincinv

        return gammainc, gammaincinv


@dataclass(frozen=True)
class Pareto(Distribution):
    """F(x) = 1 - (minimum / x)^alpha above ``minimum_s``. The mean is infinite for alpha of 1 and below."""

    minimum_s: float
    alpha: float

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require("minimum_s", self.minimum_s, above=0.0)
        # Below 0.5 the largest of 2**52 draws exceeds 1e31 minima: no clock could hold it.
        self._require("alpha", self.alpha, at_least=0.5)

    @property
    def mean_s(self) -> float:
        if self.alpha <= 1.0:
            return math.inf
        return self.shift_s + self.minimum_s * self.alpha / (self.alpha - 1.0)

    def quantile(self, u: float) -> float:
        return self.shift_s + self.minimum_s * math.pow(1.0 - u, -1.0 / self.alpha)

    def cdf(self, x_s: float) -> float:
        return 1.0 - math.pow(self.minimum_s / max(self.minimum_s, x_s - self.shift_s), self.alpha)


@dataclass(frozen=True)
class Empirical(Distribution):
    """Measured quantiles at equal steps of u from 0 (minimum) to 1 (maximum), linear between them."""

    quantiles_s: tuple[float, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "quantiles_s", tuple(self.quantiles_s))
        if len(self.quantiles_s) < 2:
            raise ValueError(f"Empirical: quantiles_s has {len(self.quantiles_s)} values; it needs at least 2")
        for number, value in enumerate(self.quantiles_s):
            least = self.quantiles_s[number - 1] if number else 0.0
            self._require(f"quantiles_s[{number}]", value, at_least=least)

    @property
    def mean_s(self) -> float:
        inner = sum(self.quantiles_s) - (self.quantiles_s[0] + self.quantiles_s[-1]) / 2
        return self.shift_s + inner / (len(self.quantiles_s) - 1)

    def quantile(self, u: float) -> float:
        position = u * (len(self.quantiles_s) - 1)
        below = int(position)
        low, high = self.quantiles_s[below : below + 2]
        return self.shift_s + low + (high - low) * (position - below)

    def cdf(self, x_s: float) -> float:
        x = x_s - self.shift_s
        above = bisect_right(self.quantiles_s, x)
        if above in (0, len(self.quantiles_s)):
            return min(above, 1.0)
        low, high = self.quantiles_s[above - 1 : above + 1]
        return (above - 1 + (x - low) / (high - low)) / (len(self.quantiles_s) - 1)


@dataclass(frozen=True)
class Mixture(Distribution):
    """One of several distributions, each with a weight: F = sum of w F. Weights need not add up to 1.

    ``quantile`` inverts F by halving, to a quarter of a microsecond. That makes it the slowest of all: 29 us for two
    lognormals (tests/sim/kernel/measure_kernel.py), where one lognormal takes 0.3 us.
    """

    components: tuple[tuple[float, Distribution], ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.components:
            raise ValueError("Mixture: components is empty; it needs at least 1")
        for number, (weight, _) in enumerate(self.components):
            self._require(f"weight of component {number}", weight, above=0.0)
        total = sum(weight for weight, _ in self.components)
        object.__setattr__(self, "components", tuple((weight / total, part) for weight, part in self.components))

    @property
    def mean_s(self) -> float:
        return self.shift_s + sum(weight * part.mean_s for weight, part in self.components)

    def quantile(self, u: float) -> float:
        bounds = [part.quantile(u) for _, part in self.components]
        low, high = min(bounds), max(bounds)
        while high - low > _MIXTURE_TOLERANCE_S:
            middle = (low + high) / 2
            if not low < middle < high:  # neighbouring floats: hours, where the tolerance is below their distance
                break
            if self._unshifted_cdf(middle) < u:
                low = middle
            else:
                high = middle
        return self.shift_s + high

    def cdf(self, x_s: float) -> float:
        return self._unshifted_cdf(x_s - self.shift_s)

    def _unshifted_cdf(self, x_s: float) -> float:
        return sum(weight * part.cdf(x_s) for weight, part in self.components)
