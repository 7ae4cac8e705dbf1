"""What two transactions that change one port see and leave of each other, by how the first has read it."""

import pytest

from core.binding.access import PortRows
from core.binding.policies import Columns, PortAccess
from core.exceptions import StaleData
from core.records import Port
from tests.core.worlds import World


class Meanwhile:
    """A port that somebody binds between a transaction's read and its write."""

    def __init__(self, access: PortAccess, columns: Columns) -> None:
        self.world = World()
        self.rows = PortRows(access, columns)
        self.id = self.world.create("h1")["id"]
        self.stale = self._read()._replace(revision_number=0, status="DOWN")

    def _read(self) -> Port:
        found = self.world.database.transact("look", lambda transaction: self.rows.read(transaction, self.id))
        assert found is not None
        return found

    def write(self, port: Port, *, previous: Port) -> Port:
        """Writes as if `previous` had been read."""
        self.world.database.transact(
            "write", lambda transaction: self.rows.write(transaction, port, previous=previous), repeats=False
        )
        return self._read()


@pytest.mark.parametrize("access", [PortAccess.FOR_UPDATE, PortAccess.PLAIN])
def test_all_columns_overwrite_what_others_have_written_and_changed_ones_mix_with_it(access: PortAccess) -> None:
    left = {}
    for columns in Columns:
        meanwhile = Meanwhile(access, columns)
        stale = meanwhile.stale
        after = meanwhile.write(stale._replace(name="web").with_next_revision(), previous=stale)
        left[columns] = (after.name, after.status)
    assert left == {Columns.ALL: ("web", "DOWN"), Columns.CHANGED: ("web", "ACTIVE")}


@pytest.mark.parametrize("columns", Columns)
def test_another_revision_than_the_one_that_was_read_is_a_conflict(columns: Columns) -> None:
    meanwhile = Meanwhile(PortAccess.COMPARE_AND_SWAP, columns)
    stale = meanwhile.stale
    with pytest.raises(StaleData, match=r"port\.update found no row"):
        meanwhile.write(stale._replace(name="web").with_next_revision(), previous=stale)
    fresh = stale._replace(revision_number=2)
    assert meanwhile.write(fresh._replace(name="web").with_next_revision(), previous=fresh).name == "web"


@pytest.mark.parametrize("columns", Columns)
def test_a_binding_that_is_written_alone_asks_for_the_revision_too(columns: Columns) -> None:
    meanwhile = Meanwhile(PortAccess.COMPARE_AND_SWAP, columns)
    stale = meanwhile.stale
    unbound = stale._replace(binding=stale.binding.unbound())
    with pytest.raises(StaleData, match=r"port\.update found no row"):
        meanwhile.write(unbound, previous=stale)
    fresh = {"revision_number": 2, "status": "ACTIVE"}
    after = meanwhile.write(unbound._replace(**fresh), previous=stale._replace(**fresh))
    assert (after.binding.vif_type, after.revision_number) == ("unbound", 2)


@pytest.mark.parametrize("columns", Columns)
@pytest.mark.parametrize("access", PortAccess)
def test_what_does_not_differ_is_not_written(access: PortAccess, columns: Columns) -> None:
    meanwhile = Meanwhile(access, columns)
    meanwhile.world.faults.statements.clear()
    meanwhile.world.database.transact(
        "write", lambda transaction: meanwhile.rows.write(transaction, meanwhile.stale, previous=meanwhile.stale)
    )
    assert meanwhile.world.faults.statements == []


@pytest.mark.parametrize("access", PortAccess)
def test_only_compare_and_swap_keeps_from_deleting_a_port_that_has_changed(access: PortAccess) -> None:
    meanwhile = Meanwhile(access, Columns.ALL)
    world = meanwhile.world

    def delete() -> None:
        world.database.transact(
            "delete", lambda transaction: meanwhile.rows.delete(transaction, meanwhile.stale), repeats=False
        )

    if access is PortAccess.COMPARE_AND_SWAP:
        with pytest.raises(StaleData):
            delete()
    else:
        delete()
        with pytest.raises(StaleData):
            delete()
    assert bool(world.rows("ports")) is (access is PortAccess.COMPARE_AND_SWAP)


@pytest.mark.parametrize("access", PortAccess)
def test_a_port_that_is_as_it_was_read_is_deleted(access: PortAccess) -> None:
    meanwhile = Meanwhile(access, Columns.ALL)
    fresh = meanwhile.stale._replace(revision_number=2)
    meanwhile.world.database.transact(
        "delete", lambda transaction: meanwhile.rows.delete(transaction, fresh), repeats=False
    )
    assert meanwhile.world.rows("ports") == []


def test_only_one_of_the_reads_locks() -> None:
    statements = {}
    for access in PortAccess:
        meanwhile = Meanwhile(access, Columns.ALL)
        meanwhile.world.faults.statements.clear()
        meanwhile._read()
        statements[str(access)] = meanwhile.world.faults.statements[0].split(": ")[1]
    assert statements == {"for_update": "port.lock", "plain": "port.read", "compare_and_swap": "port.read"}
