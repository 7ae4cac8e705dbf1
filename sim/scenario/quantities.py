"""Distributions as a scenario writes them: of seconds (`Dist`) and of counts (`CountDist`).

The model layer calls `Dist.build()` once when a simulation is set up and draws from the result.
Nothing here draws by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from sim.scenario.base import Choice, NotNegative, Part, PositiveNumber, PositiveSeconds, Seconds

if TYPE_CHECKING:
    from sim.kernel.distributions import Distribution


class Shifted(Part):
    """What every distribution of seconds has."""

    shift_s: Seconds = 0.0
    """Added to every draw, s: a floor that no draw goes below."""


class ConstantSpec(Shifted):
    """Always the same."""

    value_s: Seconds
    """The value, s."""

    def build(self) -> Distribution:
        """The kernel's distribution."""
        from sim.kernel.distributions import Constant

        return Constant(value_s=self.value_s, shift_s=self.shift_s)


class ExponentialSpec(Shifted):
    """Memoryless: cv 1."""

    mean_s: PositiveSeconds
    """Mean before the shift, s."""

    def build(self) -> Distribution:
        """The kernel's distribution."""
        from sim.kernel.distributions import Exponential

        return Exponential(mean_s=self.mean_s, shift_s=self.shift_s)


class LognormalSpec(Shifted):
    """The usual law of remote calls: a median and a longer right tail."""

    median_s: PositiveSeconds
    """Median before the shift, s."""
    p95_s: PositiveSeconds
    """95th percentile before the shift, s; not below the median."""

    @model_validator(mode="after")
    def _tail_is_right(self) -> Self:
        if self.p95_s < self.median_s:
            raise PydanticCustomError(
                "cross",
                "p95_s ({p95}) must not be below median_s ({median})",
                {"p95": self.p95_s, "median": self.median_s},
            )
        return self

    def build(self) -> Distribution:
        """The kernel's distribution."""
        from sim.kernel.distributions import Lognormal

        return Lognormal(median_s=self.median_s, p95_s=self.p95_s, shift_s=self.shift_s)


class GammaSpec(Shifted):
    """A mean and a coefficient of variation."""

    mean_s: PositiveSeconds
    """Mean before the shift, s."""
    cv: PositiveNumber
    """Standard deviation over mean, no unit."""

    def build(self) -> Distribution:
        """The kernel's distribution."""
        from sim.kernel.distributions import Gamma

        return Gamma(mean_s=self.mean_s, cv=self.cv, shift_s=self.shift_s)


class ParetoSpec(Shifted):
    """A power-law tail: P(X > x) = (minimum_s / x) ** alpha."""

    minimum_s: PositiveSeconds
    """The smallest value before the shift, s."""
    alpha: Annotated[float, Field(strict=True, gt=1)]
    """The tail's exponent, no unit; above 1, so that there is a mean."""

    def build(self) -> Distribution:
        """The kernel's distribution."""
        from sim.kernel.distributions import Pareto

        return Pareto(minimum_s=self.minimum_s, alpha=self.alpha, shift_s=self.shift_s)


class EmpiricalSpec(Shifted):
    """Measured quantiles at equal steps of probability, from the minimum to the maximum; linear between."""

    quantiles_s: Annotated[tuple[Seconds, ...], Field(min_length=2, max_length=10_000)]
    """Quantiles 0, 1/(n-1), ... 1, s, ascending."""

    @model_validator(mode="after")
    def _ascends(self) -> Self:
        if list(self.quantiles_s) != sorted(self.quantiles_s):
            raise PydanticCustomError("cross", "quantiles_s must ascend")
        return self

    def build(self) -> Distribution:
        """The kernel's distribution."""
        from sim.kernel.distributions import Empirical

        return Empirical(quantiles_s=self.quantiles_s, shift_s=self.shift_s)


def _has_weight(components: tuple[Component, ...] | None) -> tuple[Component, ...] | None:
    if components is not None and not sum(component.weight for component in components):
        raise PydanticCustomError("cross", "has weights that are all 0; at least one must be above 0")
    return components


class Dist(Choice):
    """A distribution of seconds. A plain number is that many seconds, always."""

    constant: ConstantSpec | None = None
    exponential: ExponentialSpec | None = None
    lognormal: LognormalSpec | None = None
    gamma: GammaSpec | None = None
    pareto: ParetoSpec | None = None
    empirical: EmpiricalSpec | None = None
    mixture: Annotated[
        Annotated[tuple[Component, ...], Field(min_length=1, max_length=100)] | None, AfterValidator(_has_weight)
    ] = None
    """One of these, drawn by weight."""

    @classmethod
    def expand(cls, raw: Any) -> Any:
        """A plain number is a constant."""
        if isinstance(raw, (int, float)) and not isinstance(raw, bool):
            return {"constant": {"value_s": raw}}
        return raw

    @classmethod
    def of(cls, seconds: float) -> Dist:
        """Always `seconds`."""
        return cls.model_validate(seconds)

    def build(self) -> Distribution:
        """The kernel's distribution, ready to be drawn from."""
        if self.mixture is not None:
            return _mixture(self.mixture)
        built: Distribution = self.chosen.build()
        return built

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        schema = super().__get_pydantic_json_schema__(core_schema, handler)
        if "anyOf" not in schema and "constant" in cls.choices() and cls is Dist:
            body = {key: schema.pop(key) for key in list(schema) if key not in ("title", "description")}
            schema["anyOf"] = [{"type": "number", "minimum": 0}, body]
        return schema


class Component(Dist):
    """One component of a mixture."""

    beside: ClassVar[tuple[str, ...]] = ("weight",)
    weight: NotNegative
    """Its share, relative to the other components' weights; no unit."""


def _mixture(components: tuple[Component, ...]) -> Distribution:
    from sim.kernel.distributions import Mixture

    return Mixture(components=tuple((component.weight, component.build()) for component in components))


Dist.model_rebuild()
