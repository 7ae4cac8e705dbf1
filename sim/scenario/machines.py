"""The machines that serve: API processes and their workers, the database and its connection pool.

`sim.model` and `sim.database` are built from it.
"""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from core.constants import MAX_CONFLICT_RETRIES
from sim.scenario.base import Count, Flag, Part, PositiveCount, PositiveNumber, PositiveSeconds, Probability, Seconds
from sim.scenario.calls import CallName
from sim.scenario.galera import Galera
from sim.scenario.kinds import AnyKind
from sim.scenario.quantities import Dist


class Api(Part):
    """The API server: processes with workers in each."""

    left_out_when_null: ClassVar[frozenset[str]] = frozenset(
        {
            "operations_cpu_s",
            "statements_cpu_s",
            "cpu_after_share",
            "load_cpu_s",
            "load_delay_s",
            "answer_cpu_s",
            "background_cpu_s",
            "busy_core_factor",
        }
    )

    kind: Literal["threads", "eventlet"] = "threads"
    """threads: a call that blocks frees the CPU. eventlet: green threads of one process share one thread."""
    db_driver: Literal["green", "blocking"] = "green"
    """eventlet only. blocking: a database call, lock waits included, stops the whole process."""
    processes: PositiveCount = 4
    """API processes; each computes on at most one core at a time."""
    threads: PositiveCount = 25
    """Workers in each process: operations that it serves at once."""
    cores: PositiveCount = 4
    """Cores of the machine that the processes share."""
    cpu_s: Seconds = 0.001
    """Computing for one operation outside its SQL, s."""
    cpu_s_per_statement: Seconds = 0.0001
    """Computing of the API process for one SQL statement, s, its locks held; times statement_factor."""
    operations_cpu_s: dict[AnyKind, Seconds] | None = None
    """Computing for one operation outside its SQL by its kind, s; a kind that is missing here takes cpu_s."""
    statements_cpu_s: dict[CallName, Seconds] | None = None
    """Computing of the API process for one call by its name, s: a statement, begin, commit or commit_read_only. A
    statement that is missing here takes cpu_s_per_statement."""
    cpu_after_share: Probability | None = None
    """The part of a call's computing that follows the server's answer, and of an operation's that follows its SQL, no
    unit; null: none of it."""
    load_cpu_s: Seconds | None = None
    """Computing of a load generator on the same machine before a request is sent, s; null: it has its own machine."""
    load_delay_s: Seconds | None = None
    """What a request then takes to reach a worker, nobody computing, s; null: nothing."""
    answer_cpu_s: Seconds | None = None
    """Computing of such a load generator on an answer before it counts as answered, s; null: none."""
    background_cpu_s: Seconds | None = None
    """Computing on the same machine for one operation that nobody waits for, s; null: none."""
    busy_core_factor: Annotated[float, Field(strict=True, gt=0, le=1)] | None = None
    """What computing takes that had to wait for a core, of what it takes on a core that was idle, no unit: caches are
    warm and the core need not wake; null: as much."""


class Pool(Part):
    """The connection pool of each API process, as SQLAlchemy's."""

    size: PositiveCount = 5
    """Connections kept; oslo.db's max_pool_size is 5."""
    max_overflow: Count = 50
    """Connections opened beyond that when needed; oslo.db's max_overflow is 50."""
    timeout_s: PositiveSeconds = 30.0
    """How long an operation waits for a connection before it fails, s; oslo.db's pool_timeout is 30."""

    @property
    def limit(self) -> int:
        """Connections a process can have at once."""
        return self.size + self.max_overflow


class DatabaseServer(Part):
    """The modelled database server."""

    left_out_when_null: ClassVar[frozenset[str]] = frozenset(
        {"isolation", "galera", "statements_s", "flush_s", "on_api_machine"}
    )

    profile: Literal["innodb", "postgresql", "galera", "sqlite"] = "innodb"
    """How locks, deadlocks and timeouts behave: innodb (victim at once), postgresql (detection after 1 s),
    galera (several innodb nodes, commits certified among them), sqlite (one writer)."""
    galera: Galera | None = None
    """The nodes; profile galera only."""
    round_trip_s: Seconds = 0.0005
    """Network there and back for one statement, s."""
    execution_s: Dist = Dist.of(0.0003)
    """The server's work for one statement, on one of its cores, s."""
    statements_s: dict[CallName, Dist] | None = None
    """The server's work for one call by its name, s: a statement, commit, commit_read_only, or begin where BEGIN is a
    round trip of its own. A statement that is missing here takes execution_s."""
    statement_factor: PositiveNumber = 1.0
    """Statements that the real program issues for each one of the core's: multiplies a statement's round
    trip, execution and API computing. Real Neutron: about 10."""
    commit_s: Seconds = 0.002
    """Making a commit durable, s."""
    flush_s: Dist | None = None
    """The same, drawn for each flush, s; null: commit_s, always."""
    commit_slots: PositiveCount = 1
    """Flushes at once; those that wait share the next one (group commit)."""
    cores: PositiveCount = 4
    """Cores of the server."""
    on_api_machine: Flag | None = None
    """Whether the server computes on the cores of the API processes (api.cores) in place of its own; null: it does
    not."""
    lock_wait_timeout_s: PositiveSeconds | None = None
    """How long a statement waits for a row lock, s; null: the profile's (innodb 50 s, postgresql none)."""
    isolation: Literal["read_committed", "repeatable_read", "serializable"] | None = None
    """Isolation level of every transaction on a real database (--engine wall); null: read_committed, the only one
    that the modelled database has."""
    conflict_retries: Count = MAX_CONFLICT_RETRIES
    """Repetitions of one transaction that met a conflict; neutron-lib's is 20."""
    pool: Pool = Pool()
    """The connection pool of each API process."""

    @classmethod
    def fill(cls, raw: dict[str, Any]) -> dict[str, Any]:
        """A cluster has nodes."""
        if raw.get("profile") == "galera" and raw.get("galera") is None:
            return {**raw, "galera": {}}
        return raw
