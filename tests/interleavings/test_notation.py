"""Scripts: what they may say, how logs of different engines are made comparable, how rows are told."""

import pytest

from core.database import Result
from tests.interleavings.recorded import SCRIPTS
from tests.interleavings.script import Step, step
from tests.interleavings.vocabulary import VERBS, act
from tests.interleavings.waiting import circle, nearest
from tests.interleavings.world import changes, initial_rows


def test_a_step_is_a_session_and_its_words() -> None:
    assert step("A port.update p1 name=a") == Step("A", "port.update p1 name=a")
    assert str(step("A commit")) == "A commit"


def test_words_become_a_statement_with_parameters() -> None:
    found = act("port.insert p5 mac_address=m")
    assert found.statement.name == "port.insert"
    assert (found.params["id"], found.params["mac_address"], found.params["network_id"]) == ("p5", "m", "net")


def test_defaults_may_refer_to_what_is_given() -> None:
    assert act("port.insert p5").params["mac_address"] == "mac-p5"
    assert act("ip_allocation.insert p1 50").params["ip_address"] == "10.0.0.50"


def test_digits_are_numbers_and_none_is_none() -> None:
    assert act("ip_pool.advance sub 11").params["next_offset"] == 11
    assert act("binding.update p1 segment_id=none").params["segment_id"] is None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("port.paint p1", "'port.paint' is not one of port.lock"),
        ("port.lock", "0 arguments without '='; needed are port_id"),
        ("port.update p1 colour=red", "colour is not one of name"),
    ],
)
def test_words_that_mean_nothing_are_refused(words: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        act(words)


def test_the_words_of_every_script_mean_something_and_every_verb_is_used() -> None:
    said = {each.words for script in SCRIPTS for each in script.steps} - {"commit", "rollback", "gives up"}
    assert {act(words).statement.name for words in said} == {verb.statement.name for verb in VERBS.values()}


def test_an_answer_shows_rows_or_how_many() -> None:
    assert act("ip_pool.lock sub").answer(Result([(1, 999, 10, 0)], 1)) == "next_offset=10"
    assert act("ip_pool.lock sub").answer(Result([], 0)) == "nothing"
    assert act("port.delete p1").answer(Result([], 1)) == "1"


def test_of_those_in_front_of_a_waiter_the_nearest_count() -> None:
    everybody = {"B": {"A"}, "C": {"A", "B"}}
    next_in_front = {"B": {"A"}, "C": {"B"}}
    assert nearest(everybody) == nearest(next_in_front) == {"B": ["A"], "C": ["B"]}
    assert nearest({"C": {"A", "B"}}) == {"C": ["A", "B"]}


def test_a_circle_is_seen_from_everywhere() -> None:
    assert circle({"A": {"B"}, "B": {"A"}, "C": {"A"}})
    assert not circle({"A": {"B"}, "C": {"A", "B"}})


def test_rows_are_told_by_how_they_differ_from_the_first() -> None:
    rows = {table.name: [tuple(row.values()) for row in some] for table, some in initial_rows()}
    assert changes(rows) == []
    pool = rows["ip_allocation_pools"][0]
    rows["ip_allocation_pools"] = [(*pool[:3], 11, pool[4])]
    rows["agents"] = []
    rows["networks"].append(("n2", "new"))
    assert changes(rows) == [
        "agents h1 ovs is gone",
        "ip_allocation_pools sub: next_offset=11",
        "networks n2 is new: name=new",
    ]
