"""Distributions of whole numbers, as a scenario writes them: the sizes of batches.

The model layer calls `CountDist.quantile(u)` with its own uniform draws, and the experiment layer reads
`CountDist.mean`. Nothing here draws by itself.
"""

import math
from bisect import bisect_right
from itertools import accumulate
from typing import Annotated, Any, Self

from pydantic import Field, PrivateAttr, model_validator
from pydantic_core import PydanticCustomError

from sim.scenario.base import Choice, Part, PositiveCount

LARGEST_COUNT = 100_000


class ConstantCount(Part):
    """Always the same."""

    value: PositiveCount
    """The count."""

    @property
    def mean(self) -> float:
        """Mean count."""
        return float(self.value)

    def quantile(self, u: float) -> int:
        """The count at probability `u` in (0, 1)."""
        return self.value


class GeometricCount(Part):
    """1, 2, 3, ...: each with the same chance to go on."""

    mean: Annotated[float, Field(strict=True, ge=1)]
    """Mean count, at least 1."""

    def quantile(self, u: float) -> int:
        """The count at probability `u` in (0, 1)."""
        if self.mean == 1:
            return 1
        return max(1, math.ceil(math.log1p(-u) / math.log1p(-1 / self.mean)))


class EmpiricalCount(Part):
    """Measured counts with their weights."""

    counts: Annotated[tuple[PositiveCount, ...], Field(min_length=1, max_length=10_000)]
    """The counts, ascending."""
    weights: Annotated[tuple[Annotated[float, Field(strict=True, ge=0)], ...], Field(min_length=1)]
    """How often each occurs, relative to each other; no unit."""
    _cumulative: list[float] = PrivateAttr(default_factory=list)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if len(self.counts) != len(self.weights):
            raise PydanticCustomError("cross", "counts and weights must be equally many")
        if list(self.counts) != sorted(set(self.counts)):
            raise PydanticCustomError("cross", "counts must ascend")
        if sum(self.weights) <= 0:
            raise PydanticCustomError("cross", "at least one of the weights must be above 0")
        return self

    def model_post_init(self, context: Any, /) -> None:
        """Keep running sums of the weights, for `quantile`."""
        self._cumulative.extend(accumulate(self.weights))

    @property
    def mean(self) -> float:
        """Mean count."""
        total = sum(count * weight for count, weight in zip(self.counts, self.weights, strict=True))
        return total / sum(self.weights)

    def quantile(self, u: float) -> int:
        """The count at probability `u` in (0, 1)."""
        return self.counts[min(bisect_right(self._cumulative, u * self._cumulative[-1]), len(self.counts) - 1)]


class ParetoCount(Part):
    """A heavy tail: P(N > n) = (n + 1) ** -alpha; what is above `maximum` counts as `maximum`."""

    alpha: Annotated[float, Field(strict=True, gt=0)]
    """The tail's exponent, no unit."""
    maximum: Annotated[int, Field(strict=True, ge=1, le=LARGEST_COUNT)]
    """The largest count."""

    @property
    def mean(self) -> float:
        """Mean count."""
        return math.fsum((n + 1) ** -self.alpha for n in range(self.maximum))

    def quantile(self, u: float) -> int:
        """The count at probability `u` in (0, 1)."""
        if self.alpha * math.log(self.maximum + 1) < -math.log1p(-u):
            return self.maximum
        return max(1, min(self.maximum, math.ceil(math.exp(-math.log1p(-u) / self.alpha) - 1)))


class CountDist(Choice):
    """A distribution of whole numbers from 1. A plain whole number is that many, always."""

    constant: ConstantCount | None = None
    geometric: GeometricCount | None = None
    empirical: EmpiricalCount | None = None
    pareto: ParetoCount | None = None

    @classmethod
    def expand(cls, raw: Any) -> Any:
        """A plain whole number is a constant, under `constant` as well as alone."""
        if isinstance(raw, int) and not isinstance(raw, bool):
            return {"constant": {"value": raw}}
        if isinstance(raw, dict) and isinstance(raw.get("constant"), int):
            return {**raw, "constant": {"value": raw["constant"]}}
        return raw

    @property
    def mean(self) -> float:
        """Mean count."""
        mean: float = self.chosen.mean
        return mean

    def quantile(self, u: float) -> int:
        """The count at probability `u` in (0, 1)."""
        return int(self.chosen.quantile(u))
