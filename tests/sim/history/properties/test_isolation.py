"""isolation on histories written by hand."""

from core.binding.promises import ANSWERS, ISOLATION
from sim.history import check
from sim.history.rows import Commit
from tests.sim.history.blurred import with_commits
from tests.sim.history.judged import assert_proof, found, word
from tests.sim.history.told import Told
from tests.sim.history.written import moved, port

FIRST = port(1, "h1")
SECOND = moved(FIRST, "h2")
THIRD = moved(SECOND, "h3")


def started(**facts: object) -> Told:
    history = Told(**facts)
    history.initial(FIRST)
    return history


def test_reads_of_what_is_committed_and_of_ones_own_change_are_right() -> None:
    history = started()
    history.read(2, 2, 1, FIRST)
    history.read(1, 1, 1, FIRST)
    history.wrote(1, 1)
    history.read(1, 1, 1, SECOND)
    history.commit(1, 1, {1: SECOND})
    history.read(2, 2, 1, SECOND)
    assert word(history, ISOLATION) == "ok"


def test_a_statement_may_return_what_was_replaced_while_it_ran() -> None:
    history = started()
    sent = history.mark()
    history.commit(1, 1, {1: SECOND})
    history.read(2, 2, 1, FIRST, sent=sent)
    assert word(history, ISOLATION) == "ok"


def test_a_port_that_is_deleted_or_never_was_is_not_there() -> None:
    history = started()
    history.read(2, 2, 5, None)
    history.commit(1, 1, {1: None})
    history.read(2, 2, 1, None)
    assert word(history, ISOLATION) == "ok"


def test_what_is_committed_only_later_is_a_dirty_read() -> None:
    history = started()
    history.read(2, 2, 1, SECOND)
    history.commit(1, 1, {1: SECOND})
    judged = found(history, ISOLATION)
    assert judged.cause == "dirty read"
    assert_proof(judged, "T2 of operation 2 reads port 1", "T1 (", names=("T2", "port 1", "by T1"))


def test_what_is_never_committed_is_an_aborted_read() -> None:
    history = started()
    history.read(2, 2, 1, SECOND)
    judged = found(history, ISOLATION)
    assert judged.cause == "aborted read"
    assert_proof(judged, "T2 of operation 2 reads port 1", names=("T2", "no transaction ever committed"))


def test_what_was_replaced_before_the_statement_was_sent_is_an_old_read() -> None:
    history = started()
    history.commit(1, 1, {1: SECOND})
    history.read(2, 2, 1, FIRST)
    judged = found(history, ISOLATION)
    assert judged.cause == "old read"
    assert_proof(judged, "the set-up committed", "T2 of operation 2 reads port 1", names=("T2", "replaced"))


def test_a_change_on_top_of_another_than_was_read_is_a_lost_update() -> None:
    history = started()
    history.read(2, 2, 1, FIRST)
    history.commit(1, 1, {1: SECOND})
    history.wrote(2, 1)
    history.commit(2, 2, {1: THIRD})
    judged = found(history, ISOLATION)
    assert judged.cause == "lost update"
    assert_proof(
        judged, "T2 of operation 2 reads port 1", "T1 (update_port of operation 1)", "T2 (update_port of operation 2)",
        names=("T2", "port 1", "h1", "h2"),
    )  # fmt: skip


def test_the_last_read_before_the_change_counts() -> None:
    history = started()
    history.read(2, 2, 1, FIRST)
    history.commit(1, 1, {1: SECOND})
    history.read(2, 2, 1, SECOND)
    history.wrote(2, 1)
    history.commit(2, 2, {1: THIRD})
    assert word(history, ISOLATION) == "ok"


def test_a_read_while_a_commit_is_under_way_may_return_what_was_before_or_after() -> None:
    for seen in (FIRST, SECOND):
        history = started(exact=False)
        sent = history.mark()
        history.read(2, 2, 1, seen)
        history.commit(1, 1, {1: SECOND}, sent=sent)
        assert word(history, ISOLATION) == "ok"


def test_of_two_reads_while_a_commit_is_under_way_the_later_one_cannot_return_what_the_earlier_saw_replaced() -> None:
    history = started(exact=False)
    sent = history.mark()
    history.read(2, 2, 1, SECOND)
    history.read(3, 3, 1, FIRST)
    history.commit(1, 1, {1: SECOND}, sent=sent)
    judged = found(history, ISOLATION)
    assert (judged.cause, judged.certain) == ("old read", True)
    assert_proof(
        judged, "T2 of operation 2 reads port 1", "T3 of operation 3 reads port 1", "T1 (update_port of operation 1)",
        names=("T3", "others had read what replaced it"),
    )  # fmt: skip


def test_reads_that_overlap_may_return_either() -> None:
    history = started(exact=False)
    sent, early = history.mark(), history.mark()
    history.read(2, 2, 1, SECOND)
    history.read(3, 3, 1, FIRST, sent=early)
    history.commit(1, 1, {1: SECOND}, sent=sent)
    assert word(history, ISOLATION) == "ok"


def test_a_commit_that_nobody_saw_acknowledged_is_where_a_read_has_seen_it() -> None:
    history = started(exact=False)
    sent = history.mark()
    history.read(2, 2, 1, SECOND)
    history.read(2, 2, 1, SECOND)
    history.call(3, "get_port", 1)
    history.answer(3, FIRST)
    history.commit(1, 1, {1: SECOND}, sent=sent)
    assert word(history, ISOLATION) == "ok"
    judged = found(history, ANSWERS)
    assert (judged.cause, judged.certain) == ("answer too old", True)
    assert any("T2 of operation 2 reads port 1" in line for line in judged.lines)


def test_reads_that_contradict_each_other_tell_nothing_of_answers() -> None:
    history = started(exact=False)
    sent = history.mark()
    history.read(2, 2, 1, SECOND)
    history.read(3, 3, 1, FIRST)
    history.call(4, "get_port", 1)
    history.answer(4, FIRST)
    history.commit(1, 1, {1: SECOND}, sent=sent)
    assert word(history, ISOLATION) == "violated"
    assert word(history, ANSWERS) == "ok"


def test_commits_whose_order_contradicts_their_positions_leave_it_undecided() -> None:
    history = started(exact=False)
    history.commit(1, 1, {1: SECOND})
    sent = history.mark()
    history.commit(2, 2, {1: THIRD})
    history.read(3, 3, 1, FIRST, sent=sent)
    history.call(4, "get_port", 1)
    history.answer(4, FIRST)
    commits = [Commit(*row) for row in history.history().tables.commits.rows()]
    report = check(with_commits(history.history(), commits, [0, 2, 1]))
    assert {name: report.verdicts[name].word for name in (ISOLATION, ANSWERS)} == {
        ISOLATION: "unknown",
        ANSWERS: "unknown",
    }
    assert "was not found out" in report.verdicts[ISOLATION].findings[0].says


def test_a_read_long_after_the_acknowledgement_is_decided() -> None:
    history = started(exact=False)
    sent = history.mark()
    history.commit(1, 1, {1: SECOND}, sent=sent)
    history.read(2, 2, 1, SECOND)
    assert word(history, ISOLATION) == "ok"
