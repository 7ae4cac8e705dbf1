"""Turns the database's commits into what the tracker follows: one port's binding after each commit, as rows say it.

Listens to the modelled database; the rows were read back from it after the COMMIT. It trusts no strategy's word.
"""

from typing import Any, Protocol

from core.records import Port, PortBinding
from sim.database import Commit, ModelledDatabase
from sim.model.bindings import BindingTracker
from sim.model.work import work_of

_REVISION = 8  # position of revision_number in a row of ports, and of Port
_ALL_PORTS = (
    "SELECT p.id, p.network_id, p.name, p.mac_address, p.admin_state_up, p.status, p.device_id, p.device_owner,"
    " p.revision_number, b.host, b.vnic_type, b.profile, b.vif_type, b.vif_details, b.driver, b.segment_id,"
    " b.upper_levels, b.binding_generation FROM ports p LEFT JOIN ml2_port_bindings b ON b.port_id = p.id ORDER BY p.id"
)
_PORT_COLUMNS = 9
NO_BINDING_ROW = PortBinding()
"""What a port without a binding row is taken to have. No row is like it until one is inserted on demand: every other
has a generation from 1 on."""
_new = tuple.__new__  # what Port._make does, without the calls that 20,000 ports would pay for


def follow_commits(database: ModelledDatabase, tracker: BindingTracker) -> None:
    """Lets the tracker see every commit from now on."""
    database.on_commit(lambda commit: _tell(tracker, commit))


def _tell(tracker: BindingTracker, commit: Commit) -> None:
    revision = 0
    for table, port_id, image in commit.changes:
        if table == "ports":
            if image is not None:
                revision = image[_REVISION]
            else:
                tracker.deleted(port_id, commit.at_us)
    process = commit.transaction.process
    assert process is not None
    made = work_of(process).computed  # not the caller's: a server that dies may commit by itself
    for table, port_id, image in commit.changes:
        if table == "ml2_port_bindings" and image is not None:
            binding = _new(PortBinding, image[1:])
            tracker.committed(port_id, binding, revision, made, commit.at_us)


class Committed(Protocol):
    """A database that can be asked for what is committed: the modelled one, or a real one."""

    def committed(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""


def committed_ports(database: Committed) -> dict[str, Port]:
    """Every port as the database holds it now, without its addresses, by id."""
    return {
        row[0]: _new(Port, (*row[:_PORT_COLUMNS], _binding(row[_PORT_COLUMNS:]), ()))
        for row in database.committed(_ALL_PORTS)
    }


def _binding(columns: tuple[Any, ...]) -> PortBinding:
    return NO_BINDING_ROW if columns[0] is None else _new(PortBinding, columns)
