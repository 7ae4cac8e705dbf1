"""An experiment file: a question, a scenario, and what is varied over it.

`sim.scenario.experiments.loader` makes one from a file of scenarios/experiments.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, PrivateAttr, model_validator
from pydantic_core import PydanticCustomError

from sim.scenario.base import Count, Flag, Part, PositiveCount, StrategyName
from sim.scenario.document import MetricName
from sim.scenario.problems import Path

Share = Annotated[float, Field(strict=True, gt=0, lt=1)]
_BELONGS = {
    "slo": ("plan",), "scale": ("plan",), "vary": ("sweep", "plan"), "metric": ("sweep",),
    "verify": ("compare",), "runs": ("soak",),
}  # fmt: skip


class Experiment(Part):
    """A question, a scenario, and what is varied over it."""

    schema_version: Literal[1] = 1
    """The version of this format: 1."""
    question: Annotated[str, Field(min_length=1, max_length=500)]
    """The one question that the experiment answers."""
    kind: Literal["compare", "sweep", "plan", "map", "soak"]
    """The command that runs it."""
    scenario: str = ""
    """The name of a scenario, or a file, seen from this one. A soak may do without: then it draws its own."""
    settings: dict[str, Any] = Field(default={}, alias="set")
    """Overrides (path: value) of the scenario."""
    strategies: Annotated[tuple[StrategyName, ...], Field(min_length=1, max_length=20)] | None = None
    """What is compared; null: the scenario's own."""
    seed: Count = 1
    """The one seed of all draws."""
    replications: Annotated[PositiveCount, Field(le=100_000)] | None = None
    """Replications of every strategy; null: the command's usual number."""
    precision: Share | None = None
    """Replications go on until the half-widths of the 95 % intervals are below this share of the means."""
    vary: tuple[dict[str, Any], ...] = ()
    """What is varied: the entries are crossed; several paths in one entry take their values side by side."""
    metric: MetricName | None = None
    """What the printed table of a sweep shows; null: the scenario's primary metric."""
    slo: tuple[str, ...] = ()
    """The objectives of a plan."""
    scale: str | None = None
    """What a plan scales."""
    verify: Flag = False
    """Whether a comparison's runs are checked for what the strategies promise."""
    runs: PositiveCount | None = None
    """How many runs a soak plays; null: as many as usual."""

    _source: str = PrivateAttr(default="")
    _lines: dict[Path, int] = PrivateAttr(default_factory=dict)

    @property
    def source(self) -> str:
        """The file that it was loaded from, as it was named."""
        return self._source

    def place(self, path: Path) -> str:
        """The file, and the line of a field or of what holds it."""
        lines = (self._lines[path[:end]] for end in range(len(path), -1, -1) if path[:end] in self._lines)
        return f"{self._source}, line {next(lines, 1)}"

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        for name, kinds in _BELONGS.items():
            if getattr(self, name) and self.kind not in kinds:
                text = "{name} belongs to {kinds}, not to a {kind}"
                raise PydanticCustomError(
                    "cross", text, {"name": name, "kinds": " and ".join(kinds), "kind": self.kind}
                )
        if not self.scenario and self.kind != "soak":
            raise PydanticCustomError("cross", "needs scenario: a name, or a file")
        if self.kind == "sweep" and not self.vary:
            raise PydanticCustomError("cross", "a sweep needs vary: what is varied")
        if self.replications is not None and self.precision is not None:
            raise PydanticCustomError("cross", "gives replications and precision; give one of them")
        return self
