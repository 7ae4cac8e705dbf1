"""What the clients do: when operations arrive, which, on which ports and hosts, and how patient clients are.

`sim.model` generates the load from it. Nothing here draws by itself.
"""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, PrivateAttr, model_validator
from pydantic_core import PydanticCustomError

from sim.scenario.base import (
    Choice,
    Count,
    Flag,
    Name,
    NotNegative,
    Part,
    PositiveCount,
    PositiveNumber,
    Probability,
    Seconds,
)
from sim.scenario.counts import CountDist
from sim.scenario.kinds import (
    NOTIFIES,
    OF_BINDING,
    OF_MADE_BINDING,
    WITHOUT_PORT,
    Change,
    Filter,
    Kind,
    Status,
    filled,
    refuse_stray_settings,
)
from sim.scenario.quantities import Dist
from sim.scenario.script import Script
from sim.scenario.trace import TraceArrival

Since = Literal["start", "end", "notified"]
Correlation = Annotated[float, Field(strict=True, ge=0, lt=1)]


class Modulation(Part):
    """A rate that varies slowly: a factor for each interval, lognormal with mean 1, autoregressive.

    factor_k = exp(sigma z_k - sigma**2 / 2), sigma**2 = ln(1 + cv**2),
    z_k = correlation * z_(k-1) + sqrt(1 - correlation**2) * e_k, with e_k and z_0 standard normal.
    """

    cv: NotNegative
    """Standard deviation over mean of the rate, no unit."""
    correlation: Correlation
    """Correlation of one interval's z with the next one's, no unit."""
    interval_s: PositiveNumber
    """Length of an interval, s."""


class Poisson(Part):
    """Independent arrivals."""

    rate_per_s: PositiveNumber
    """Mean arrivals a second."""


class Constant(Part):
    """Arrivals at equal distances: the first one distance after the start."""

    rate_per_s: PositiveNumber
    """Arrivals a second."""


class Trace(Part):
    """Recorded arrivals: a CSV file with a header, the column at_s (s, ascending) and, optionally, tenant."""

    file: Annotated[str, Field(min_length=1)]
    """The file, relative to the scenario's own folder."""
    time_scale: PositiveNumber = 1.0
    """Factor on every at_s: 0.5 plays the trace twice as fast."""
    sha256: str | None = None
    """The file's SHA-256, filled in when it is read; when given, the file must have it."""
    _arrivals: tuple[TraceArrival, ...] = PrivateAttr(default=())

    @property
    def arrivals(self) -> tuple[TraceArrival, ...]:
        """What the file holds, in its order, with at_s already scaled. Read when the scenario is loaded."""
        return self._arrivals

    def fill_in(self, arrivals: tuple[TraceArrival, ...], sha256: str) -> None:
        """What the loader has read from the file."""
        self._arrivals = arrivals
        object.__setattr__(self, "sha256", sha256)


class Storm(Part):
    """Many at one instant."""

    at_s: Seconds = 0.0
    """When, s from the start."""
    count: PositiveCount
    """How many."""


class Closed(Part):
    """Clients that each do one operation (and its follow-ups) after another."""

    clients: PositiveCount
    """How many; all start at 0 s."""
    think_time_s: Dist = Dist.of(0)
    """Pause between an answer and the client's next operation, s."""
    iterations: PositiveCount | None = None
    """Operations a client does before it leaves; null: until the horizon's duration is over."""


class Batches(Part):
    """Batches at a slowly varying rate. Batch k belongs to tenant k modulo topology.tenants, whole."""

    rate_per_s: PositiveNumber
    """Mean batches a second."""
    size: CountDist
    """Operations in a batch."""
    spacing_s: Dist = Dist.of(0)
    """Pause between one arrival of a batch and the next, s."""
    modulation: Modulation | None = None
    """How the rate varies; null: it does not, batches are Poisson."""


class Arrivals(Choice):
    """When operations arrive: exactly one of these. `script` lists the operations themselves."""

    poisson: Poisson | None = None
    constant: Constant | None = None
    batches: Batches | None = None
    trace: Trace | None = None
    storm: Storm | None = None
    closed: Closed | None = None
    script: Script | None = None

    @property
    def is_closed(self) -> bool:
        """Whether clients wait for answers, so that the load falls when the system slows down."""
        return self.closed is not None


class Operation(Part):
    """One kind of operation in the mix, and what follows it on the same port."""

    leaves_out_nulls: ClassVar[bool] = True
    operation: Kind
    """create_port, update_port, delete_port, get_port, get_ports; a request of a host's agent: get_device_details,
    update_port_status; for live migration create_binding, activate, delete_binding."""
    label: Name = Field(default="", alias="class", validate_default=False)
    """The class that metrics report it under; the operation's own name unless given."""
    weight: NotNegative = 1.0
    """Its share of the arrivals, relative to the other entries' weights; no unit."""
    bind: Flag | None = None
    """create_port only: whether it gives binding:host_id; true unless given."""
    change: Change | None = None
    """update_port only: what it changes; the host unless given."""
    filter: Filter | None = None
    """get_ports only: what it filters by; the network unless given."""
    status: Status | None = None
    """update_port_status only: the status that the agent reports; ACTIVE unless given."""
    then: Annotated[tuple["FollowUp", ...], Field(max_length=50)] = ()
    """What follows on the same port."""

    @classmethod
    def fill(cls, raw: dict[str, Any]) -> dict[str, Any]:
        """The class, and the one setting that belongs to the operation."""
        return filled(raw)

    @model_validator(mode="after")
    def _settings_mean_something(self) -> Self:
        refuse_stray_settings(self)
        if self.operation in WITHOUT_PORT and self.then:
            raise PydanticCustomError(
                "cross",
                "{operation} has no port of its own that something could follow on",
                {"operation": self.operation},
            )
        return self

    @model_validator(mode="after")
    def _agents_are_notified(self) -> Self:
        if self.operation not in NOTIFIES and any(follow_up.since == "notified" for follow_up in self.then):
            raise PydanticCustomError(
                "cross",
                "{operation} notifies no agent, so nothing can follow from that; only {allowed} do",
                {"operation": self.operation, "allowed": " and ".join(NOTIFIES)},
            )
        return self

    @model_validator(mode="after")
    def _bindings_are_made(self) -> Self:
        if type(self) is Operation and self.operation in OF_MADE_BINDING:
            raise _follows_no_binding(self.operation)
        if self.operation not in OF_BINDING:
            for follow_up in self.then:
                if follow_up.operation in OF_MADE_BINDING:
                    raise _follows_no_binding(follow_up.operation)
        return self


class FollowUp(Operation):
    """An operation on the port of the one before it."""

    after_s: Dist = Dist.of(0)
    """Time from the start or the end of the one before, s."""
    since: Since = Field(default="end", alias="from")
    """Whether after_s counts from the other's intended start, from its answer, or from when the agent of the port's
    host is notified of the change (at the answer of an update_port or activate); what follows on a notification is
    left out where there is none."""
    count: Annotated[int, Field(strict=True, ge=1, le=10_000)] = 1
    """How many times, each with its own draw of after_s."""

    @model_validator(mode="after")
    def _has_a_port(self) -> Self:
        if self.operation in ("create_port", *WITHOUT_PORT):
            raise PydanticCustomError(
                "cross",
                "{operation} cannot follow on a port; only what is about an existing port can",
                {"operation": self.operation},
            )
        return self


Operation.model_rebuild()


def _follows_no_binding(operation: str) -> PydanticCustomError:
    return PydanticCustomError(
        "cross",
        "{operation} is about the binding that a create_binding has made; put it into the `then` of that, or of what "
        "follows on it for the same binding",
        {"operation": operation},
    )


class HotPorts(Part):
    """A few ports that take most of the operations on existing ports."""

    count: PositiveCount
    """How many: the first ones of ports.initial."""
    share: Probability
    """Share of those operations that target them."""


class Ports(Part):
    """The ports that exist when the load starts, and which of them operations target."""

    initial: Count = 0
    """Ports at t = 0; port i has host and tenant i modulo their numbers."""
    bound: Flag = True
    """Whether these are bound already, in the database and at the controllers; if not, they have a host
    and wait to be bound."""
    with_host: Flag | None = None
    """Of ports that are not bound, whether they have a host; true unless given. Without one they came from a plugin
    without bindings, as it were: under a strategy with binding_row on_demand they have no binding row either."""
    zipf_s: NotNegative = 0.0
    """Zipf exponent of the choice among them, no unit; 0: all alike."""
    hot: HotPorts | None = None
    """A fixed share for the first few instead of Zipf's law; null: none."""

    left_out_when_null: ClassVar[frozenset[str]] = frozenset({"with_host"})

    @classmethod
    def fill(cls, raw: dict[str, Any]) -> dict[str, Any]:
        """What is given as it is anyway is not given."""
        return {key: value for key, value in raw.items() if (key, value) != ("with_host", True)}

    @property
    def have_hosts(self) -> bool:
        """Whether they have a host."""
        return self.with_host is not False

    @model_validator(mode="after")
    def _bound_ports_have_a_host(self) -> Self:
        if self.bound and not self.have_hosts:
            raise PydanticCustomError("cross", "with_host false needs bound false: a port without a host is not bound")
        return self


class Hosts(Part):
    """Which hosts operations choose."""

    zipf_s: NotNegative = 0.0
    """Zipf exponent of the choice, no unit; 0: all alike."""


class Client(Part):
    """How patient clients are."""

    timeout_s: PositiveNumber | None = None
    """How long they wait for an answer, s; null: as long as it takes."""
    on_timeout: Literal["give_up", "repeat", "delete"] = "give_up"
    """What they do then: nothing, the same again, or delete the port."""
    retries: Count = 0
    """How many times they repeat at most, after a timeout or an error."""
    retry_pause_s: Seconds = 1.0
    """Pause before that, s."""

    @model_validator(mode="after")
    def _repeats_something(self) -> Self:
        if self.on_timeout == "repeat" and not self.retries:
            raise PydanticCustomError("cross", "on_timeout 'repeat' needs retries of 1 or more")
        if self.on_timeout != "give_up" and self.timeout_s is None:
            raise PydanticCustomError("cross", "on_timeout '{what}' needs timeout_s", {"what": self.on_timeout})
        return self


class Workload(Part):
    """The load."""

    arrivals: Arrivals
    """When operations arrive."""
    operations: Annotated[tuple[Operation, ...], Field(max_length=100)] = ()
    """The mix: each arrival draws one entry by weight. A script has none, everything else needs one."""
    ports: Ports = Ports()
    """The ports that exist when the load starts."""
    hosts: Hosts = Hosts()
    """Which hosts operations choose."""
    client: Client = Client()
    """How patient clients are."""
