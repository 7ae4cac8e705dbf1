"""transact: what is repeated, for how long, and what an unknown COMMIT means. One table row stands for any work."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from core import statements
from core.database import Database, Transaction
from core.exceptions import (
    CertificationFailure,
    ConnectionLost,
    DatabaseConflict,
    Deadlock,
    DuplicateKey,
    InvalidInput,
    LockWaitTimeout,
    PoolTimeout,
    RetriesExhausted,
    SerializationFailure,
)
from tests.core.worlds import World

CONFLICTS = [Deadlock, LockWaitTimeout, SerializationFailure, CertificationFailure, ConnectionLost]


def insert(name: str = "n") -> Callable[[Transaction], str]:
    def body(transaction: Transaction) -> str:
        transaction.write(statements.NETWORK_INSERT, id=name, name=name)
        return name

    return body


def names(world: World) -> list[str]:
    return [row["id"] for row in world.rows("networks") if row["id"] != world.network.id]


def test_the_answer_of_the_body_is_returned_and_its_work_committed(world: World) -> None:
    assert world.database.transact("work", insert()) == "n"
    assert names(world) == ["n"]
    assert world.observer.transactions[-1] == "work commit"


def test_an_exception_of_the_body_rolls_back_and_passes_through(world: World) -> None:
    def body(transaction: Transaction) -> None:
        insert()(transaction)
        raise InvalidInput("x", 1, "nothing")

    with pytest.raises(InvalidInput):
        world.database.transact("work", body)
    assert names(world) == []
    assert world.observer.transactions[-1] == "work rollback"
    assert world.runtime.sleeps == []


def test_a_database_error_that_is_no_conflict_is_not_repeated(world: World) -> None:
    world.database.transact("work", insert())
    with pytest.raises(DuplicateKey):
        world.database.transact("work", insert())
    assert world.runtime.sleeps == []


@pytest.mark.parametrize("conflict", CONFLICTS)
@pytest.mark.parametrize("at", ["network.insert", "commit"])
def test_a_conflict_repeats_the_body_in_a_new_transaction(
    world: World, conflict: type[DatabaseConflict], at: str
) -> None:
    world.faults.add("work", at, conflict)
    assert world.database.transact("work", insert()) == "n"
    assert names(world) == ["n"]
    assert world.observer.transactions[-2:] == [f"work {conflict.kind}", "work commit"]
    assert world.observer.conflicts == [("work", conflict.kind, 0)]


@pytest.mark.parametrize(("repeats", "times"), [(True, 3), (False, 1)])
def test_work_of_several_transactions_is_done_again_as_a_whole_where_it_repeats(
    world: World, repeats: bool, times: int
) -> None:
    tries: list[str] = []

    def work() -> str:
        tries.append("try")
        if len(tries) < 3:
            raise Deadlock
        return "done"

    if repeats:
        assert world.database.repeating("work", work, repeats=True) == "done"
    else:
        with pytest.raises(Deadlock):
            world.database.repeating("work", work, repeats=False)
    assert len(tries) == times
    assert len(world.runtime.sleeps) == times - 1


def test_the_body_is_told_which_try_it_is(world: World) -> None:
    tries: list[int] = []
    world.faults.add("work", "commit", Deadlock, times=3)
    world.database.transact("work", lambda transaction: tries.append(transaction.retry))
    assert tries == [0, 1, 2, 3]


def test_twenty_retries_and_no_more(world: World) -> None:
    world.faults.add("work", "network.insert", Deadlock, times=99)
    with pytest.raises(RetriesExhausted, match="transaction work conflicted 21 times, last with deadlock") as caught:
        world.database.transact("work", insert())
    assert world.faults.statements.count("work: network.insert") == 21
    assert len(world.runtime.sleeps) == 20
    assert isinstance(caught.value.__cause__, Deadlock)
    assert names(world) == []


def test_the_twentieth_retry_may_succeed(world: World) -> None:
    world.faults.add("work", "network.insert", Deadlock, times=20)
    assert world.database.transact("work", insert()) == "n"


def test_back_off_doubles_from_half_a_second_to_ten_with_jitter_from_half_to_all(world: World) -> None:
    for jitter, share in (("00000000", 0.5), ("80000000", 0.75), ("ffffffff", 1.0)):
        world.runtime.sleeps.clear()
        world.runtime.next_ids.extend([jitter + "-0000-4000-8000-000000000000"] * 8)
        world.faults.add("work", "commit", Deadlock, times=8)
        world.database.transact("work", lambda transaction: None)
        longest = [0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0, 10.0]
        assert world.runtime.sleeps == pytest.approx([share * seconds for seconds in longest])
        assert world.observer.backoffs[-8:] == world.runtime.sleeps


@pytest.mark.parametrize("took_effect", [True, False])
def test_after_an_unknown_commit_the_database_is_asked_before_anything_is_repeated(
    world: World, took_effect: bool
) -> None:
    world.faults.lose_commit("work", took_effect=took_effect)
    looked: list[str] = []

    def committed(transaction: Transaction, answer: str) -> bool:
        looked.append(answer)
        return bool(transaction.rows(statements.NETWORK_READ, network_id=answer))

    assert world.database.transact("work", insert(), took_effect=committed) == "n"
    assert looked == ["n"]
    assert names(world) == ["n"]
    assert world.faults.statements.count("work: network.insert") == (1 if took_effect else 2)


def test_the_question_itself_may_meet_a_conflict_and_is_asked_again(world: World) -> None:
    world.faults.lose_commit("work", took_effect=True)
    world.faults.add("work", "network.read", LockWaitTimeout, times=2)
    answer = world.database.transact(
        "work", insert(), took_effect=lambda tx, name: bool(tx.rows(statements.NETWORK_READ, network_id=name))
    )
    assert (answer, names(world)) == ("n", ["n"])
    assert [kind for _, kind, _ in world.observer.conflicts] == ["commit_outcome_unknown", *["lock_wait_timeout"] * 2]


def test_an_answer_that_was_not_committed_is_forgotten(world: World) -> None:
    world.faults.lose_commit("work", took_effect=False)
    world.faults.add("work", "commit", Deadlock)
    looked: list[str] = []
    answers = iter(["first", "second", "third"])

    def committed(transaction: Transaction, answer: str) -> bool:
        looked.append(answer)
        return False

    assert world.database.transact("work", lambda _: next(answers), took_effect=committed) == "third"
    assert looked == ["first"]


def test_a_guard_is_held_around_each_try_and_not_while_backing_off(world: World) -> None:
    events: list[str] = []

    @contextmanager
    def guard() -> Iterator[None]:
        events.append("held")
        try:
            yield
        finally:
            events.append("given back")

    world.faults.add("work", "commit", Deadlock)
    world.runtime.while_sleeping.append(lambda: events.append("backing off"))
    world.database.transact("work", lambda transaction: None, guard=guard)
    assert events == ["held", "given back", "backing off", "held", "given back"]


class _Loud:
    """A connection that writes down what is done with it."""

    def __init__(self, events: list[str], *, fails: bool = False) -> None:
        self.events, self.fails = events, fails

    def execute(self, statement, params):
        raise Deadlock("chosen") if self.fails else AssertionError

    def commit(self) -> None:
        self.events.append("commit")

    def rollback(self) -> None:
        self.events.append("rollback")

    def close(self) -> None:
        self.events.append("close")


def test_every_try_takes_a_connection_of_its_own_and_gives_it_back(world: World) -> None:
    events: list[str] = []
    made = iter([_Loud(events, fails=True), _Loud(events)])

    def connect() -> _Loud:
        events.append("connect")
        return next(made)

    def body(transaction: Transaction) -> None:
        if not transaction.retry:
            transaction.row(statements.NETWORK_READ, network_id="n")

    Database(connect, runtime=world.runtime).transact("work", body)
    assert events == ["connect", "rollback", "close", "connect", "commit", "close"]


def test_a_pool_without_a_free_connection_is_an_error_and_is_not_repeated(world: World) -> None:
    def connect() -> _Loud:
        raise PoolTimeout(size=5, overflow=10, timeout_s=30)

    with pytest.raises(PoolTimeout, match="no connection within 30 s from a pool of 5 with overflow 10"):
        Database(connect, runtime=world.runtime).transact("work", insert())
    assert world.runtime.sleeps == []


def test_a_worker_that_dies_neither_commits_nor_rolls_back(world: World) -> None:
    class Died(BaseException):
        pass

    events: list[str] = []

    def body(transaction: Transaction) -> None:
        raise Died

    with pytest.raises(Died):
        Database(lambda: _Loud(events), runtime=world.runtime).transact("work", body)
    assert events == ["close"]
