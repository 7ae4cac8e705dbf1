"""Which engine runs a scenario: virtual time, or real time on a database. Used by sim.cli.running.

It turns --engine, --database, --duration, --time-scale and --storage into a scenario, a runner, and what names the
result.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer

from sim.cli.status import Refused
from sim.cli.storing import check_storage, stored
from sim.scenario import Scenario, ScenarioError, unsupported_virtually, with_overrides

if TYPE_CHECKING:
    from sim.experiment.jobs import Runner

ENGINES = ("virtual", "wall")


@dataclass(frozen=True, kw_only=True)
class Engine:
    """What was asked for on the command line."""

    name: str = "virtual"
    database: str | None = None
    duration_s: float | None = None
    time_scale: float = 1.0
    storage: str | None = None

    def __post_init__(self) -> None:
        """Refused for what does not fit together."""
        if self.name not in ENGINES:
            raise Refused(f"--engine {self.name}: must be one of {', '.join(ENGINES)}")
        if self.is_wall and self.database is None:
            raise Refused("--engine wall needs --database: postgresql, mariadb, or a SQLAlchemy URL")
        if not self.is_wall and self.database is not None:
            raise Refused("--database is for --engine wall; in virtual time the database is modelled")
        if self.is_wall and self.storage is not None:
            raise Refused("--storage is for virtual time; with --engine wall the --database holds the rows")
        for option, value in (("--duration", self.duration_s), ("--time-scale", self.time_scale)):
            if value is not None and not 0 < value < float("inf"):
                raise Refused(f"{option} {value:g}: must be above 0")

    @property
    def is_wall(self) -> bool:
        """Whether it runs in real time."""
        return self.name == "wall"

    def applied(self, scenario: Scenario) -> Scenario:
        """The scenario with the duration and the time scale that were asked for."""
        if self.duration_s is not None:
            scenario = with_overrides(scenario, [f"horizon.duration_s={self.duration_s!r}"])
        if self.time_scale != 1:
            from sim.wall.time_scale import scaled_in_time

            scenario = scaled_in_time(scenario, self.time_scale)
        if self.storage is not None:
            check_storage(self.storage, scenario)
        return scenario

    def check(self, scenario: Scenario) -> None:
        """Raises ScenarioError for what the engine cannot do with its strategies, before anything is started."""
        if self.is_wall:
            from sim.servers import PRIVATE
            from sim.wall.support import unsupported

            problems = unsupported(scenario, is_private=self.database in PRIVATE, strategies=scenario.strategies)
        else:
            problems = unsupported_virtually(scenario)
        if problems:
            raise ScenarioError(problems)

    @property
    def identity(self) -> dict[str, Any]:
        """What tells a result in real time from others; empty in virtual time."""
        return {"engine": self.name, "database": _shown(self.database)} if self.is_wall else {}

    @property
    def options(self) -> tuple[str, ...]:
        """As `bindsim run` is told it, without passwords."""
        options: tuple[str, ...] = ("--engine", self.name, "--database", _shown(self.database)) if self.is_wall else ()
        options += () if self.storage is None else ("--storage", _shown(self.storage))
        options += () if self.duration_s is None else ("--duration", f"{self.duration_s:g}")
        return options + (() if self.time_scale == 1 else ("--time-scale", f"{self.time_scale:g}"))

    @contextmanager
    def runner(self, isolation: str | None) -> Iterator["Runner | None"]:
        """What runs each replication; None for the usual one. A private server lives as long as this lasts."""
        if self.storage is not None:
            with stored(self.storage) as stored_runner:
                yield stored_runner
            return
        if not self.is_wall:
            yield None
            return
        from sim.servers import opened
        from sim.wall.runner import WallRunner

        assert self.database is not None
        with opened(self.database, isolation) as database:
            whose = "a private server" if database.is_private else f"schema {database.name}"
            typer.echo(f"in real time on {database.version}, {whose}", err=True)
            yield WallRunner(database)


def _shown(database: str | None) -> str:
    from sim.servers import PRIVATE
    from sim.servers.urls import hidden

    assert database is not None
    return database if database in PRIVATE else hidden(database)
