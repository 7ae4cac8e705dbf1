"""The mechanism drivers in their order, and the remote controllers that some of them call.

`sim.model` builds both from it.
"""

from itertools import pairwise
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from sim.scenario.base import (
    Count,
    Name,
    NotNegative,
    Part,
    PositiveCount,
    PositiveSeconds,
    Probability,
    Seconds,
)
from sim.scenario.quantities import Dist

Method = Literal[
    "bind_port",
    "create_port_precommit",
    "create_port_postcommit",
    "update_port_precommit",
    "update_port_postcommit",
    "delete_port_precommit",
    "delete_port_postcommit",
    "unbind_port",
    "validate_bound_port",
]


ClassPath = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_.:-]*$", max_length=200)]
Text = Annotated[str, Field(strict=True, min_length=1, max_length=200)]


class Driver(Part):
    """A mechanism driver. Drivers are called in the order of the file."""

    left_out_when_null: ClassVar[frozenset[str]] = frozenset({"continues_to", "driver", "agent_type", "config_files"})

    name: Name
    """Its name, as in binding results and tables."""
    kind: Literal["controller", "agent", "logger", "journal", "switch", "neutron"]
    """controller: calls a controller directly. journal: writes a journal row in the transaction and delivers
    it later; binds through the controller too. agent: binds at once where the host has a live agent, no
    remote call. logger: binds nothing, writes a log. switch: binds the first of the segments to bind and leaves
    it to the drivers below it to bind the one that `continues_to` names (hierarchical binding), no remote call.
    neutron: runs a mechanism driver written for Neutron."""
    controller: Name | None = None
    """The controller that it calls: for the kinds controller and journal, and only for them."""
    continues_to: Count | None = None
    """The place in topology.segments, counted from 0, of the segment that the drivers below are to bind: for the kind
    switch, and only for it."""
    driver: ClassPath | None = None
    """For the kind neutron, and only for it: the driver's class, as package.module:Class, or its entry point in
    neutron.ml2.mechanism_drivers."""
    agent_type: Text | None = None
    """For the kind neutron: an agent of this type is on every host too; null: only the Open vSwitch agent is."""
    config_files: Annotated[tuple[Text, ...], Field(max_length=20)] | None = None
    """For the kind neutron: files that the driver's oslo.config options are read from; null: defaults only."""
    latency: dict[Method, Dist] = Field(default_factory=dict)
    """Added latency for a method, s, on top of the driver's own; any driver can be slowed down so."""
    error_probability: dict[Method, Probability] = Field(default_factory=dict)
    """Chance that a call of a method raises MechanismDriverError before it does anything, no unit."""

    @model_validator(mode="after")
    def _has_its_class(self) -> Self:
        if self.kind == "neutron" and self.driver is None:
            raise PydanticCustomError("cross", "a driver of kind neutron needs driver, its class or its entry point")
        for key in ("driver", "agent_type", "config_files"):
            if self.kind != "neutron" and getattr(self, key) is not None:
                raise PydanticCustomError(
                    "cross", "a driver of kind {kind} has no {key}", {"kind": self.kind, "key": key}
                )
        return self

    @model_validator(mode="after")
    def _has_its_controller(self) -> Self:
        remote = self.kind in ("controller", "journal")
        if remote and self.controller is None:
            raise PydanticCustomError("cross", "a driver of kind {kind} needs controller", {"kind": self.kind})
        if not remote and self.controller is not None:
            raise PydanticCustomError("cross", "a driver of kind {kind} has no controller", {"kind": self.kind})
        return self

    @model_validator(mode="after")
    def _has_its_segment(self) -> Self:
        if self.kind == "switch" and self.continues_to is None:
            raise PydanticCustomError("cross", "a driver of kind switch needs continues_to")
        if self.kind != "switch" and self.continues_to is not None:
            raise PydanticCustomError("cross", "a driver of kind {kind} has no continues_to", {"kind": self.kind})
        return self


class CallLatencies(Part):
    """How long a controller works on each kind of call, its queue not counted."""

    bind: Dist
    """bind: reserve a port on a host. Hardly published for real controllers: say that it is an assumption."""
    confirm: Dist = Dist.of(0)
    """confirm: a postcommit that tells a committed binding."""
    drop: Dist = Dist.of(0)
    """drop: a postcommit that unbinds or deletes."""


class Degraded(Part):
    """A window in which a controller is worse than usual."""

    from_s: Seconds
    """Its start, s of the run."""
    to_s: PositiveSeconds
    """Its end, s of the run."""
    latency_factor: NotNegative = 1.0
    """Multiplies every latency of calls that start in it, no unit."""
    error_probability: Probability = 0.0
    """Chance that a call that starts in it fails, no unit; the larger of this and the usual one counts."""

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.to_s <= self.from_s:
            raise PydanticCustomError(
                "cross", "to_s ({to}) must be after from_s ({since})", {"to": self.to_s, "since": self.from_s}
            )
        return self


class HostRange(Part):
    """The hosts that a controller knows: `count` of them from number `first`."""

    first: Count = 0
    """Number of the first host."""
    count: PositiveCount
    """How many."""

    def contains(self, host: int) -> bool:
        """Whether host number `host` is one of them."""
        return self.first <= host < self.first + self.count


def _known_hosts(raw: Any) -> Any:
    if isinstance(raw, (dict, HostRange)) or raw == "all":
        return raw
    raise PydanticCustomError("cross", "must be all or a mapping with the keys first and count")


def _hosts_kind(raw: Any) -> str:
    return "all" if raw == "all" else RANGE


RANGE = "range"
"""The word that pydantic puts into the places of errors in a range of hosts."""
Hosts = Annotated[
    Annotated[Literal["all"], Tag("all")] | Annotated[HostRange, Tag(RANGE)],
    Discriminator(_hosts_kind),
    BeforeValidator(_known_hosts),
]


class Controller(Part):
    """A remote controller with a queue in front."""

    name: Name
    """What drivers call it."""
    latency: CallLatencies
    """How long it works on a call."""
    concurrency: PositiveCount = 50
    """Calls that it works on at once; more wait in order of arrival."""
    timeout_s: PositiveSeconds = 10.0
    """How long a driver waits for an answer, queue included, s; networking-odl's is 10. The call still takes
    effect at the controller when it is reached."""
    error_probability: Probability = 0.0
    """Chance that a call fails, no unit."""
    degraded: Annotated[tuple[Degraded, ...], Field(max_length=1000)] = ()
    """Windows in which it is worse; they may not overlap."""
    ordering: Literal["last_write", "revision"] = "last_write"
    """Whether it applies calls on one port in order of arrival or refuses those of an older revision."""
    hosts: Hosts = "all"
    """The hosts that it can bind on: all, or {first, count}."""

    @model_validator(mode="after")
    def _windows_do_not_overlap(self) -> Self:
        windows = sorted(self.degraded, key=lambda window: window.from_s)
        for before, after in pairwise(windows):
            if after.from_s < before.to_s:
                raise PydanticCustomError("cross", "degraded windows overlap at {at} s", {"at": after.from_s})
        return self

    def can_bind_on(self, host: int) -> bool:
        """Whether it knows host number `host`."""
        return self.hosts == "all" or self.hosts.contains(host)
