"""What is said when the real engine waits: the statement, what the engine said, and who holds what in the model."""

from core import statements as sql
from core.statements import Statement
from sim.database import Key, ServerTransaction
from sim.database.compiled import STATEMENTS
from sim.database.engine_storage.errors import Ran, blocked
from sim.database.server_transaction import EXCLUSIVE, SHARED


def holder(number: int, held: dict[Key, int]) -> ServerTransaction:
    transaction = ServerTransaction(number)
    transaction.held.update(held)
    return transaction


def told(statement: Statement, transaction: ServerTransaction, others: Ran, *, complaint: str = "") -> str:
    compiled = STATEMENTS[statement]
    return str(
        blocked(compiled, transaction, engine="PostgreSQL", profile="innodb", complaint=complaint, others=others)
    )


def test_the_error_names_statement_keys_and_holders() -> None:
    mine = holder(7, {("ports", "p1"): EXCLUSIVE, ("agents", "h1"): EXCLUSIVE})
    other = holder(3, {("ml2_port_bindings", "p1"): EXCLUSIVE, ("networks", "net"): SHARED})
    far = holder(4, {("agents", "h2"): EXCLUSIVE})
    others = {other: {STATEMENTS[sql.PORT_LOCK]: None}, far: {STATEMENTS[sql.AGENT_UPDATE]: None}}
    error = told(sql.PORT_DELETE, mine, others, complaint="lock timeout")
    assert error == (
        "port.delete of <transaction 7 of operation -1, open> had to wait in PostgreSQL: lock timeout. In the model it"
        " holds ports p1 (exclusive); <transaction 3 of operation -1, open>, after port.lock, holds ml2_port_bindings"
        " p1 (exclusive), networks net (shared). The model (profile innodb) locks less than the engine does."
    )


def test_long_lists_are_cut_short() -> None:
    many = {("ports", f"p{n}"): EXCLUSIVE for n in range(20)}
    ran = {STATEMENTS[sql.PORT_UPDATE]: None}
    others = {holder(number, dict(many)): ran for number in range(9)}
    said = told(sql.PORT_UPDATE, holder(99, {}), others)
    assert "In the model it holds no row of these tables; " in said
    assert (said.count("and 12 more"), said.count("after port.update")) == (5, 5)


def test_nobody_may_be_near() -> None:
    assert "; nobody else locked such rows." in told(sql.LEASE_LOCK, holder(1, {}), {})
