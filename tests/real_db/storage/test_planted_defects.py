"""A lock that a statement forgets makes the real engine wait, and the error says who is in whose way."""

from dataclasses import replace

import pytest

from core import statements as sql
from core.statements import RowLock, Statement
from sim.database import INNODB, POSTGRESQL, StoreMaker
from sim.database.compiled import STATEMENTS, CompiledStatement
from sim.database.engine_storage import EngineBlocked
from sim.scenario import load_scenario
from sim.servers import RunDatabase
from sim.simulation import run
from tests.interleavings.on_model import play_on_model
from tests.interleavings.script import Script, step

pytestmark = pytest.mark.databases

TWO_OF_ONE_MAC = ("A port.insert p5 mac_address=m", "B port.insert p6 mac_address=m")
DEFECTS = [
    (sql.POOL_LOCK, "ip_allocation_pools", ("A ip_pool.lock sub", "B ip_pool.lock sub")),
    (sql.PORT_LOCK, "ports", ("A port.update p1", "B port.lock p1")),
    (sql.PORT_LOCK, "ml2_port_bindings", ("A binding.update p1", "B port.lock p1")),
    (sql.BINDING_UPDATE, "ml2_port_bindings", ("A port.lock p1", "B binding.update p1")),
    (sql.PORT_DELETE, "ports", ("A port.update p1", "B port.delete p1")),
    (sql.PORT_DELETE, "ml2_port_bindings", ("A binding.update p1", "B port.delete p1")),
    (sql.IP_INSERT, "ports", ("A port.lock p1", "B ip_allocation.insert p1 50")),
    (sql.PORT_INSERT, "ports.network_id_mac_address", TWO_OF_ONE_MAC),
    (sql.LEASE_LOCK, "port_binding_leases", ("A lease.lock p3", "B lease.lock p3")),
    (sql.LEASE_RELEASE, "port_binding_leases", ("A lease.lock p3", "B lease.release p3 o1")),
    (sql.JOURNAL_DELETE, "ml2_journal", ("A journal.delete c1 p1 1", "B journal.delete c1 p1 1")),
]  # fmt: skip


def without(statement: Statement, space: str) -> CompiledStatement:
    """The statement as it would be if somebody had forgotten one of its locks."""
    kept: tuple[RowLock, ...] = tuple(lock for lock in statement.locks if lock.space != space)
    assert len(kept) == len(statement.locks) - 1
    return CompiledStatement(replace(statement, locks=kept))


@pytest.mark.parametrize(("statement", "space", "steps"), DEFECTS)
def test_a_forgotten_lock_is_found(
    statement: Statement,
    space: str,
    steps: tuple[str, ...],
    in_engine: StoreMaker,
    database: RunDatabase,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    script = Script("planted", "", tuple(step(text) for text in steps))
    profile = POSTGRESQL if database.kind == "postgresql" else INNODB
    assert len(play_on_model(script, profile, in_engine)) > 2
    monkeypatch.setitem(STATEMENTS, statement, without(statement, space))
    with pytest.raises(EngineBlocked) as raised:
        play_on_model(script, profile, in_engine)
    message = str(raised.value)
    assert message.startswith(f"{statement.name} of <transaction 1 of operation -1, open> had to wait in ")
    first = steps[0].split()[1]
    assert f"<transaction 0 of operation -1, open>, after {first}, holds " in message


def test_a_run_with_a_forgotten_lock_ends_with_the_error(
    postgresql: RunDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = load_scenario("boot_storm", ["horizon.duration_s=10", "database.profile=postgresql"])
    monkeypatch.setitem(STATEMENTS, sql.POOL_LOCK, without(sql.POOL_LOCK, "ip_allocation_pools"))
    with pytest.raises(EngineBlocked, match=r"ip_pool.lock of <transaction \d+ of operation \d+, open> had to wait"):
        run(scenario, strategy="in-transaction", storage=postgresql)
    assert postgresql.locks() == 0
