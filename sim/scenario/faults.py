"""What goes wrong in a run: processes that die, controllers and connections that fail, fail-overs, impatient clients.

`sim.model.faults` injects it. Nothing here draws by itself. A fault is timed, or it takes visits: a *visit* is every
time that an operation comes to the place that the fault is about. Visits are counted for each operation, so that what
is drawn for one is the same in whatever order operations are served.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from sim.scenario.base import Choice, Count, Flag, Name, NotNegative, Part, PositiveSeconds, Probability, Seconds

CrashPoint = Literal[
    "anywhere",
    "before_commit",
    "after_commit",
    "in_driver_call",
    "between_transactions",
    "before_postcommit",
    "holding_lease",
]
Transaction = Literal[
    "create_port",
    "update_port",
    "delete_port",
    "get_port",
    "get_ports",
    "get_device_details",
    "update_port_status",
    "report_agent",
    "agent_revived",
    "commit_binding",
    "read_for_port_binding",
    "create_port_binding",
    "activate_port_binding",
    "deactivate_port_binding",
    "delete_port_binding",
    "acquire_lease",
    "read_under_lease",
    "release_lease",
    "read_agents",
    "read_journal",
    "delete_journal_row",
]
Transactions = Annotated[tuple[Transaction, ...], Field(max_length=20)]


class Visited(Part):
    """A fault that is timed (`at_s` alone), or takes visits: by chance, in one operation, or one visit of it."""

    at_s: Seconds | None = None
    """The first visit at this time or later is taken, and no other, s of the run."""
    probability: Probability | None = None
    """Chance that a visit is taken, no unit, drawn from the seed; 1 where only `operation` is given."""
    operation: Count | None = None
    """Only visits of the operation with this number are taken; null: of all, and of work in the background."""
    nth: Count | None = None
    """Only this visit of an operation is taken, counted from 0; null: all."""

    @model_validator(mode="after")
    def _says_which(self) -> Self:
        drawn = [key for key in ("probability", "operation", "nth") if getattr(self, key) is not None]
        if self.at_s is not None and drawn:
            raise PydanticCustomError(
                "cross",
                "at_s ({at}) stands alone: it cannot be combined with {key}",
                {"at": self.at_s, "key": drawn[0]},
            )
        if self.at_s is None and drawn in ([], ["nth"]):
            raise PydanticCustomError("cross", "needs at_s, probability or operation: when it happens")
        return self


class Crash(Visited):
    """An API process dies: at `at_s` the one with the number `process`; else the one that works on a visit."""

    at_s: Seconds | None = None
    """When `process` dies, wherever its workers are, s of the run."""
    process: Count | None = None
    """Which process dies at `at_s`."""
    point: CrashPoint | None = None
    """What is visited; anywhere unless given. anywhere: each point where a worker can be suspended.
    before_commit: COMMIT is about to be executed. after_commit: the triggering transaction has committed, nothing
    follows. in_driver_call: each point where a driver's call can be suspended. between_transactions: drivers have
    been asked to bind, the result's transaction begins. before_postcommit: a driver's postcommit is about to be
    called. holding_lease: each suspension point of an operation that holds a lease."""
    restart_after_s: Seconds | None = 10.0
    """How long until its place is taken by a fresh process, s; null: never. 10 is an assumption."""

    @classmethod
    def fill(cls, raw: dict[str, Any]) -> dict[str, Any]:
        """A crash that is not timed has a point."""
        return raw if raw.get("at_s") is not None or raw.get("point") else {**raw, "point": "anywhere"}

    @model_validator(mode="after")
    def _dies_in_one_way(self) -> Self:
        if self.at_s is not None and self.process is None:
            raise PydanticCustomError("cross", "at_s needs process: the number of the API process that dies then")
        if self.at_s is None and self.process is not None:
            raise PydanticCustomError(
                "cross",
                "process ({process}) belongs to at_s; otherwise the process that works on the visit dies",
                {"process": self.process},
            )
        if self.at_s is not None and self.point is not None:
            raise PydanticCustomError(
                "cross", "point ({point}) has no meaning with at_s: workers are where they are", {"point": self.point}
            )
        return self


class ControllerFault(Part):
    """A controller is worse than usual for a while, on top of its degraded windows; at least one of the last four."""

    name: Name
    """The controller."""
    at_s: Seconds
    """When it begins, s of the run."""
    for_s: PositiveSeconds
    """How long it lasts, s."""
    down: Flag = False
    """Whether calls get lost: those that come in the window, and those in the queue or worked on when it begins.
    They have no effect, and callers wait for their whole timeout. The table survives."""
    latency_factor: NotNegative = 1.0
    """Multiplies every latency of calls that start in the window, no unit."""
    error_probability: Probability = 0.0
    """Chance that a call that starts in the window fails, no unit; the larger of this and the usual one counts."""
    answer_loss_probability: Probability = 0.0
    """Chance that a call that starts in the window takes effect and its answer gets lost, no unit."""

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        milder = (self.latency_factor != 1.0, self.error_probability, self.answer_loss_probability)
        if not self.down and not any(milder):
            raise PydanticCustomError(
                "cross", "changes nothing: needs down, latency_factor, error_probability or answer_loss_probability"
            )
        if self.down and any(milder):
            raise PydanticCustomError("cross", "down leaves no call that anything else could be said of; give it alone")
        return self


class ConnectionFault(Visited):
    """A connection to the database breaks. A visit is a statement, or a COMMIT, of one of the transactions."""

    when: Literal["statement", "before_commit", "during_commit", "after_commit"]
    """statement, before_commit: the server rolls back, the client sees a lost connection. during_commit: the client
    does not know whether COMMIT took effect. after_commit: COMMIT was acknowledged; the connection breaks unseen when
    it is given back, and the process's next transaction loses it at its first statement."""
    took_effect: Literal["drawn", "yes", "no"] = "drawn"
    """during_commit only: whether the COMMIT took effect; drawn: with probability 0.5."""
    transactions: Transactions = ()
    """The transactions that it concerns; empty: all."""

    @model_validator(mode="after")
    def _effect_is_in_doubt(self) -> Self:
        if self.when != "during_commit" and self.took_effect != "drawn":
            raise PydanticCustomError(
                "cross",
                "took_effect ({what}) belongs to during_commit; with {when} nothing is in doubt",
                {"what": self.took_effect, "when": self.when},
            )
        return self


class FailOver(Part):
    """The database server dies and another takes over: open transactions end, new ones are refused for a while.

    What was being committed may or may not have taken effect (drawn), and its client does not know. Committed data
    survives. Statements fail at once while there is no server, and the core repeats transactions with its back-off.
    """

    at_s: Seconds
    """When, s of the run; never drawn."""
    pause_s: PositiveSeconds = 7.7
    """How long there is no server, s. 7.7 +- 0.7 s is what Neutron took to recover from one killed mysqld of a Galera
    cluster, 13.0 +- 2.3 s in another lab (openstack/performance-docs, reliability testing, version 2)."""


class DeadlockFault(Visited):
    """A statement loses a deadlock: the server ends its transaction. A visit is a statement of a transaction that
    holds a row lock already, since nobody else can be in a deadlock."""

    transactions: Transactions = ()
    """The transactions that it concerns; empty: all."""


class Impatience(Part):
    """Some clients wait less long; what they do then is client.on_timeout. Drawn for each operation, never timed."""

    patience_s: PositiveSeconds
    """How long they wait for an answer, s."""
    probability: Probability | None = None
    """Chance that an operation's client is one of them, no unit, drawn from the seed."""
    operation: Count | None = None
    """Only the client of the operation with this number is one of them."""

    @model_validator(mode="after")
    def _says_whose(self) -> Self:
        if self.probability is None and self.operation is None:
            raise PydanticCustomError("cross", "needs probability or operation: whose patience it is")
        return self


class AgentFault(Part):
    """The agent of a host is dead for a while: agent drivers do not bind there. What is bound stays bound."""

    host: Count
    """The host's number."""
    at_s: Seconds
    """From when on it is seen dead, s of the run: Neutron's 75 s (agent_down_time) after its last heartbeat."""
    for_s: PositiveSeconds | None = None
    """How long until it reports again, s; null: never. Its report goes through the API, and a strategy may bind the
    host's failed ports then, where the scenario has `agents`."""


class Fault(Choice):
    """One thing that goes wrong: exactly one of these."""

    crash: Crash | None = None
    controller: ControllerFault | None = None
    connection: ConnectionFault | None = None
    failover: FailOver | None = None
    deadlock: DeadlockFault | None = None
    impatience: Impatience | None = None
    agent: AgentFault | None = None


Faults = Annotated[tuple[Fault, ...], Field(max_length=100)]
