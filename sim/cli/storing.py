"""--storage: a real database holds the rows of a run in virtual time. Used by sim.cli.engines."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from sim.cli.status import Refused
from sim.scenario import Scenario
from sim.servers import PRIVATE, RunDatabase, ServerError
from sim.servers.urls import kind_of

if TYPE_CHECKING:
    from sim.experiment.jobs import Job
    from sim.running import Run


@dataclass(frozen=True)
class StoredRunner:
    """Runs jobs in virtual time, one after the other, over one database."""

    database: RunDatabase

    def __call__(self, job: "Job", report: Callable[[int, int], None]) -> "Run":
        """One replication."""
        from sim.simulation import run

        return run(
            job.scenario, strategy=job.strategy, seed=job.seed, replication=job.draw, progress=report,
            history=job.needs_history, storage=self.database,
        )  # fmt: skip


def check_storage(storage: str, scenario: Scenario) -> None:
    """Refused for what is no database, or for a scenario whose database has other locks."""
    from sim.database.engine_storage import storage_refusal

    try:
        kind = storage if storage in PRIVATE else kind_of(storage)
    except ServerError as error:
        raise Refused(str(error).replace("--database", "--storage")) from None
    if refusal := storage_refusal(kind, scenario.database.profile):
        raise Refused(f"--storage {kind}: {refusal} (database.profile)")


@contextmanager
def stored(storage: str) -> Iterator[StoredRunner]:
    """What runs each replication over the database, which lives as long as this lasts."""
    from sim.database.engine_storage import storage_database

    with storage_database(storage) as database:
        whose = "a private server" if database.is_private else f"schema {database.name}"
        typer.echo(f"in virtual time, the rows in {database.version}, {whose}", err=True)
        yield StoredRunner(database)
