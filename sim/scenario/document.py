"""A whole scenario: the root of what a file says, with the checks that span its parts.

Everything above this package takes a `Scenario`; `sim.scenario.loader` makes one from a file.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, PrivateAttr, model_validator
from pydantic_core import PydanticCustomError

from sim.scenario.agents import Agents
from sim.scenario.base import Choice, Number, Part, PositiveNumber, PositiveSeconds, Seconds, StrategyName
from sim.scenario.controllers import Controller, Driver
from sim.scenario.faults import Faults
from sim.scenario.machines import Api, DatabaseServer
from sim.scenario.objectives import LONGEST_TEXT, METRIC, Objective, ObjectiveError, parse_objective
from sim.scenario.strategies import Strategies, Strategy
from sim.scenario.topology import Topology
from sim.scenario.workload import Workload

MetricName = Annotated[str, Field(pattern=rf"^{METRIC}$")]


class Horizon(Part):
    """How long a run lasts, and how much of it is measured."""

    leaves_out_nulls: ClassVar[bool] = True

    kind: Literal["terminating", "steady_state"] = "terminating"
    """Arrivals stop at duration_s, then the run goes on until nothing is outstanding. terminating: all of it is
    measured; steady_state: what begins after the warm-up and before the arrivals stop."""
    duration_s: PositiveSeconds
    """When arrivals stop, s."""
    warm_up_s: Seconds | None = None
    """steady_state only: how long the warm-up lasts, s; null: MSER-5 finds it."""
    drain_limit_s: Seconds = 600.0
    """How long the run may go on after that; when it is not enough the result is 'not quiescent', s."""
    max_virtual_time_s: PositiveSeconds = 7200.0
    """The end of every run, whatever happens, s."""
    ties: Literal["scheduled", "drawn"] = "scheduled"
    """What happens first of two things at the same microsecond: what was scheduled first, or drawn from the seed."""

    @model_validator(mode="after")
    def _warm_up_fits(self) -> Horizon:
        if self.warm_up_s is not None and self.kind == "terminating":
            raise PydanticCustomError("cross", "has a warm_up_s, but nothing is cut of a terminating run")
        if self.warm_up_s is not None and self.warm_up_s >= self.duration_s:
            raise PydanticCustomError(
                "cross", "has a warm_up_s that is not below duration_s: nothing would be measured"
            )
        return self


class MinEffect(Choice):
    """The smallest difference of the primary metric that matters: one of the two."""

    relative: PositiveNumber | None = None
    """As a share of the first strategy's value, no unit."""
    absolute: PositiveNumber | None = None
    """In the metric's own unit."""


class Threshold(Part):
    """An objective of the scenario's own; when it is missed the exit status is 1. A plain text is `that`."""

    leaves_out_nulls: ClassVar[bool] = True

    that: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)] | None = None
    """What is demanded: a metric, one of < <= == >= >, and a number in the metric's unit. Or give metric."""
    metric: MetricName | None = None
    """The other way to say it: which metric, with at_most, at_least or both."""
    at_most: Number | None = None
    """The largest value that is good enough, in the metric's unit."""
    at_least: Number | None = None
    """The smallest value that is good enough, in the metric's unit."""
    strategies: tuple[StrategyName, ...] = ()
    """The strategies that it is for; empty: all."""

    @classmethod
    def expand(cls, raw: Any) -> Any:
        """A plain text is what is demanded, of every strategy."""
        return {"that": raw} if isinstance(raw, str) else raw

    @model_validator(mode="after")
    def _demands_something(self) -> Threshold:
        limits = self.at_most is not None or self.at_least is not None
        if (self.that is None) == (self.metric is None):
            raise PydanticCustomError("cross", "needs either that or metric")
        if self.metric is None and limits:
            raise PydanticCustomError("cross", "at_most and at_least belong to metric; that says its own limit")
        if self.metric is not None and not limits:
            raise PydanticCustomError("cross", "needs at_most or at_least")
        try:
            _ = self.objectives
        except ObjectiveError as problem:
            raise PydanticCustomError("cross", "{what}", {"what": f"is {problem}"}) from None
        return self

    @property
    def objectives(self) -> tuple[Objective, ...]:
        """What is demanded, whichever way it was said: one objective, two for at_most together with at_least."""
        if self.that is not None:
            return (parse_objective(self.that),)
        limits = (("<=", self.at_most), (">=", self.at_least))
        return tuple(Objective(str(self.metric), sign, limit) for sign, limit in limits if limit is not None)


class Published(Part):
    """A published measurement, printed beside what the simulator predicts for it."""

    label: Annotated[str, Field(min_length=1, max_length=60)]
    """What was measured, in a few words."""
    settings: dict[str, Any] = Field(default={}, alias="set")
    """Overrides (path: value) that make the scenario into what was measured."""
    strategy: StrategyName | None = None
    """The strategy to predict with; null: the scenario's first."""
    metric: MetricName
    """The metric that was measured."""
    value: Number
    """What was published, in the metric's unit."""
    source: Annotated[str, Field(min_length=1)]
    """Where."""
    leaves_out: str | None = None
    """What the measurement holds and the simulation does not; printed below the table."""


class Scenario(Part):
    """A question, a system, and a load."""

    left_out_when_null: ClassVar[frozenset[str]] = frozenset({"agents"})

    schema_version: Literal[1] = 1
    """The version of this format: 1."""
    question: Annotated[str, Field(min_length=1, max_length=500)]
    """The one question that the scenario answers."""
    strategies: Strategies = (
        Strategy(name="in-transaction", base="in-transaction"),
        Strategy(name="deferred", base="deferred"),
    )
    """What is compared; the first is what the others are compared with."""
    horizon: Horizon
    """How long a run lasts."""
    workload: Workload
    """What the clients do."""
    topology: Topology = Topology()
    """What exists before the load starts."""
    api: Api = Api()
    """The API server."""
    database: DatabaseServer = DatabaseServer()
    """The database server."""
    agents: Agents | None = None
    """The reports of the hosts' agents; null: none reports, and all are alive but for faults."""
    drivers: Annotated[tuple[Driver, ...], Field(min_length=1, max_length=20)]
    """The mechanism drivers, in the order in which they are called."""
    controllers: Annotated[tuple[Controller, ...], Field(max_length=20)] = ()
    """The controllers that they call."""
    faults: Faults = ()
    """What goes wrong; empty: nothing."""
    primary_metric: MetricName
    """The metric that the verdict is about; `bindsim metrics` lists them."""
    min_effect: MinEffect = MinEffect(relative=0.05)
    """The smallest difference that matters."""
    thresholds: Annotated[tuple[Threshold, ...], Field(max_length=100)] = ()
    """Objectives, such as latency_s.create_port.p95 < 5; a missed one makes the exit status 1."""
    published: Annotated[tuple[Published, ...], Field(max_length=100)] = ()
    """Published measurements to print beside the predictions."""

    _name: str = PrivateAttr(default="unnamed")
    _source: str = PrivateAttr(default="")

    @property
    def name(self) -> str:
        """The file's name without its ending; `unnamed` when it was not loaded from a file."""
        return self._name

    @property
    def source(self) -> str:
        """The file that it was loaded from, as it was named; empty when there is none."""
        return self._source

    def strategy(self, name: str) -> Strategy:
        """The variant called `name`; KeyError when the scenario has none."""
        return next(variant for variant in self.strategies if variant.name == name)
