"""The seam between the modelled server and its storage: who is asked for what, whichever storage it is."""

from collections.abc import Iterable
from typing import Any

import pytest

from sim.database import INNODB, POSTGRESQL, ModelledDatabase, Profile, ServerTransaction, Store
from sim.database.compiled import CompiledStatement
from sim.database.storage import Storage
from sim.kernel import Kernel
from sim.scenario import load_scenario
from sim.simulation import executed
from tests.interleavings.on_model import play_on_model
from tests.interleavings.script import Script, scripts_of, step, themes


class Noting(Storage):
    """SQLite's storage, with the names of what the server has asked for."""

    def __init__(self, profile: Profile) -> None:
        super().__init__()
        self.profile = profile
        self.asked: list[str] = []

    def write(self, transaction: ServerTransaction, statement: CompiledStatement, *rest: Any) -> int:
        self.asked.append(f"{transaction.number} {statement.name}")
        return super().write(transaction, statement, *rest)

    def commit(self, transaction: ServerTransaction) -> Any:
        self.asked.append(f"{transaction.number} commit")
        return super().commit(transaction)

    def rollback(self, transaction: ServerTransaction) -> None:
        self.asked.append(f"{transaction.number} rollback")
        super().rollback(transaction)


class Waiting(Noting):
    """One in which statements would wait, as in a real engine."""

    waits = True


def played(steps: Iterable[str], kind: type[Noting], profile: Profile) -> tuple[list[str], list[str]]:
    """What the storage was asked for, and the log of the script."""
    made: list[Noting] = []

    def make(profile: Profile) -> Store:
        made.append(kind(profile))
        return made[-1]

    log = play_on_model(Script("", "", tuple(step(text) for text in steps)), profile, make)
    assert made[0].profile is profile
    return made[0].asked, log


def test_a_transaction_ends_in_the_storage_as_it_ends_on_the_server() -> None:
    asked, _ = played(("A port.update p1", "A commit", "B port.update p2", "B rollback"), Noting, INNODB)
    assert asked == ["0 port.update", "0 commit", "1 port.update", "1 rollback"]


def test_a_statement_comes_to_the_storage_when_it_has_its_locks() -> None:
    asked, _ = played(("A port.update p1", "B port.update p1", "A commit", "B commit"), Noting, POSTGRESQL)
    assert asked == ["0 port.update", "0 commit", "1 port.update", "1 commit"]


def test_a_failed_statement_that_ends_the_transaction_ends_it_in_the_storage() -> None:
    steps = ("A port.update p1", "A port.insert p2", "A rollback")
    assert played(steps, Noting, POSTGRESQL)[0] == ["0 port.update", "0 port.insert", "0 rollback"]
    assert played((*steps[:2], "A commit"), Noting, INNODB)[0] == ["0 port.update", "0 port.insert", "0 commit"]


RENAMED = ("A port.update p1 name=a", "B port.insert p5 mac_address=mac-p1", "A commit", "B rollback")


def test_where_statements_would_wait_an_insert_waits_for_a_duplicates_writer_beforehand() -> None:
    first, log = played(RENAMED, Noting, POSTGRESQL)
    again, same_log = played(RENAMED, Waiting, POSTGRESQL)
    assert log == same_log
    assert first.index("1 port.insert") < first.index("0 commit")
    assert again == ["0 port.update", "0 commit", "1 port.insert", "1 rollback"]


@pytest.mark.parametrize("profile", [INNODB, POSTGRESQL], ids=lambda profile: profile.name)
@pytest.mark.parametrize("theme", themes())
def test_waiting_beforehand_changes_no_script(theme: str, profile: Profile) -> None:
    for script in scripts_of(theme):
        assert play_on_model(script, profile, Waiting) == play_on_model(script, profile), script.name


def test_a_run_keeps_its_rows_in_the_storage_that_it_is_given() -> None:
    made: list[Noting] = []

    def make(profile: Profile) -> Store:
        made.append(Noting(profile))
        return made[-1]

    scenario = load_scenario("boot_storm", ["horizon.duration_s=5"])
    with executed(scenario, scenario.strategies[0], seed=1, storage=make) as (system, _):
        assert system.server.storage is made[0]
    assert [each.profile for each in made] == [INNODB]
    assert any(asked.endswith("commit") for asked in made[0].asked)


def test_without_one_the_storage_is_sqlites(kernel: Kernel) -> None:
    database = ModelledDatabase(kernel)
    assert isinstance(database.storage, Storage)
    assert database.storage.waits is False
    database.close()


def test_a_cluster_has_no_storage_of_its_own() -> None:
    scenario = load_scenario("galera_writers", ["horizon.duration_s=5"])
    with pytest.raises(ValueError, match="galera"), executed(scenario, scenario.strategies[0], seed=1, storage=Noting):
        raise AssertionError("it was accepted")
