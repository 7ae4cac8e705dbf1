"""What the history records of the world around the core: commits with rows read back, the state at rest, the facts.

Called by sim.model.system and the engine. It listens to the modelled database; it trusts no strategy's word.
"""

from collections.abc import Iterable
from typing import Any

from core.binding import BindingStrategy, promises_of
from core.binding.promises import ANSWERS, ISOLATION
from core.records import Port
from sim.database import Commit, ModelledDatabase
from sim.history import Facts, HistoryWriter
from sim.history.writer import Flat, flat_port, flat_rows
from sim.model.commits import NO_BINDING_ROW, committed_ports
from sim.model.lost import AtRest
from sim.model.recording.connection import open_connections
from sim.scenario import Scenario

Rows = tuple[tuple[Any, ...], tuple[Any, ...] | None]


class _Commits:
    """The last committed rows of every port, so that a commit that touched one of its two rows shows both."""

    def __init__(self, writer: HistoryWriter, ports: Iterable[Port]) -> None:
        self._writer = writer
        self._rows: dict[str, Rows] = {port.id: _rows(port) for port in ports}

    def hear(self, commit: Commit) -> None:
        """A transaction has taken effect."""
        touched = {port_id: None for table, port_id, image in commit.changes if self._keep(table, port_id, image)}
        if not touched:
            return
        transaction = commit.transaction
        process = transaction.process
        held = open_connections(process) if process is not None else []
        self._writer.commit(
            [(port_id, self._flat(port_id)) for port_id in touched],
            transaction=transaction.number,
            operation=held[-1].operation if held else transaction.operation,
            name=held[-1].name if held else "",
        )

    def _keep(self, table: str, port_id: str, image: tuple[Any, ...] | None) -> bool:
        """Whether it changes the port, which a binding row that is inserted on demand does not."""
        known = self._rows.get(port_id)
        if table == "ports":
            if image is None:
                self._rows.pop(port_id, None)
            else:
                self._rows[port_id] = (image, known[1] if known else None)
        elif known is not None:
            self._rows[port_id] = (known[0], image)
            return image is None or image[1:] != NO_BINDING_ROW or image != known[1]
        return True

    def _flat(self, port_id: str) -> Flat | None:
        rows = self._rows.get(port_id)
        return None if rows is None else flat_rows(*rows)


def _rows(port: Port) -> Rows:
    return tuple(port[:9]), (port.id, *port.binding)


def record_commits(database: ModelledDatabase, writer: HistoryWriter) -> None:
    """Writes down the ports that there are, as commit 0, and every commit from now on."""
    ports = committed_ports(database)
    initial = ((port_id, flat_port(port)) for port_id, port in ports.items())
    writer.commit(initial, transaction=-1, operation=-1, name="initial", sent=0)
    database.on_commit(_Commits(writer, ports.values()).hear)


def record_rest(writer: HistoryWriter, at_rest: AtRest) -> None:
    """Writes down the ports that have a host and are not bound after the reads at rest, and whether they could be."""
    for port in at_rest.unbound():
        writer.bindable(port.id, can_bind=at_rest.can_bind(port))


def facts_of(scenario: Scenario, strategy: BindingStrategy, *, seed: int, replication: int) -> Facts:
    """The facts of a run that has not begun; it ends by setting quiescent, rest and end_us."""
    return Facts(
        scenario=scenario.name,
        strategy=strategy.name,
        seed=seed,
        replication=replication,
        promises=_promises(scenario, strategy),
        binds_inside=strategy.inside,
        reads_bind=strategy.reads_bind.api,
        check="" if strategy.inside else str(strategy.concurrency_check),
        max_attempts=1 if strategy.inside else strategy.max_attempts,
        drivers=tuple(driver.name for driver in scenario.drivers),
        controllers={driver.name: driver.controller for driver in scenario.drivers if driver.controller is not None},
    )


def _promises(scenario: Scenario, strategy: BindingStrategy) -> tuple[str, ...]:
    """A strategy keeps its promises on one copy of the data; where nodes may show older ones, reads promise nothing."""
    cluster = scenario.database.galera
    if cluster is None or not cluster.may_read_stale(processes=scenario.api.processes):
        return promises_of(strategy)
    return tuple(name for name in promises_of(strategy) if name not in (ANSWERS, ISOLATION))
