import pytest

from sim.report.figures.episode import finding_episode, telling_episode
from sim.report.figures.space_time import draw_episode, space_time, space_time_message
from sim.report.figures.style import as_svg

BOTH = ("in-transaction", "deferred")


@pytest.fixture
def result(written):
    """Operation 1 waits 4 s for what operation 0 holds, 2 waits for the same; 3 has nothing to do with it."""
    operations = [
        {"strategy": name, "operation": n, "intended_s": float(n), "ended_s": 6.0 + n if name == BOTH[0] else n + 1.0}
        for name in BOTH
        for n in range(4)
    ]
    waits = [
        {"strategy": BOTH[0], "waiter": 1, "holder": 0, "from_s": 1.5, "to_s": 5.5},
        {"strategy": BOTH[0], "waiter": 2, "holder": 0, "from_s": 2.5, "to_s": 6.0},
        {"strategy": BOTH[0], "waiter": 3, "holder": 2, "from_s": 3.5, "to_s": 3.6, "row": "ports 9"},
    ]
    transactions = [{"strategy": BOTH[0], "operation": 0, "began_s": 0.5, "ended_s": 5.5}]
    return written(operations=operations, lock_waits=waits, transactions=transactions)


def test_the_longest_wait_is_chosen_with_its_holder_first_and_all_who_wait_for_the_row(result):
    episode = telling_episode(result)
    lanes = [(lane.strategy, lane.operation) for lane in episode.lanes]
    assert lanes == [(BOTH[0], 0), (BOTH[0], 2), (BOTH[0], 1), (BOTH[1], 0), (BOTH[1], 1)]
    assert episode.from_s <= 0.0
    assert episode.to_s >= 7.0


def test_the_message_compares_the_same_operation_under_both_strategies(result):
    assert space_time_message(result) == (
        "Under in-transaction operation 1 waits 4 s for a row of ports, held at first by operation 0, and 1 other "
        "waits for it too; it is answered after 6 s, under deferred after 1 s."
    )


def test_an_arrow_goes_from_who_releases_the_row_to_who_waited(result):
    arrows = [text for text in space_time(result).texts if text.arrow_patch is not None]
    assert [round(arrow.xy[0], 3) for arrow in arrows] == [5.5]


def test_without_a_wait_the_longest_transaction_is_told(written):
    result = written(
        operations=[{"operation": n, "ended_s": 3.0} for n in (0, 1)],
        transactions=[{"operation": 0}, {"operation": 1, "ended_s": 2.5}],
    )
    assert space_time_message(result) == (
        "Nobody waits for a row lock; the longest transaction, create_port of operation 1 under deferred, is held for "
        "2.5 s."
    )


def test_a_run_without_a_transaction_has_no_episode(written):
    result = written(operations=[{}])
    assert telling_episode(result) is None
    assert as_svg(space_time(result).figure).startswith("<svg")


FINDING = {
    "strategy": "in-transaction", "replication": 0, "cause": "orphaned", "says": "Nothing will drop the entry.",
    "evidence": [
        "    1.500000 s  operation 1 calls bind_port of sdn: revision 1",
        "    2.000000 s  controller sdn: port 0 on host-1 reserved, token sdn-1-0",
        "    6.500000 s  T3 (commit_binding of operation 1) committed: port 0 is now: no port",
    ],
}  # fmt: skip


def test_a_finding_is_drawn_with_the_operations_it_names_then_others_on_the_port(result):
    episode = finding_episode(result, FINDING)
    assert [lane.operation for lane in episode.lanes] == [1, 0, 2, 3]
    assert [(mark.number, mark.at_s, mark.operation) for mark in episode.marks] == [
        (1, 1.5, 1),
        (2, 2.0, None),
        (3, 6.5, 1),
    ]


def test_the_numbers_of_a_finding_stand_in_its_picture(result):
    svg = as_svg(draw_episode(finding_episode(result, FINDING)).figure)
    assert all(f">{number}</text>" in svg for number in (1, 2, 3))
    assert ">controllers</text>" in svg


def test_a_finding_that_names_nothing_recorded_is_not_drawn(result):
    assert finding_episode(result, {**FINDING, "evidence": ["    1.000000 s  controller sdn: dropped"]}) is None
