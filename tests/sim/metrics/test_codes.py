import pickle

import pytest

from sim.metrics import Codes


def test_a_name_keeps_the_code_of_its_first_use() -> None:
    codes = Codes(["ok"])
    assert [codes.code(name) for name in ("ok", "late", "ok", "early", "late")] == [0, 1, 0, 2, 1]
    assert codes.names == ["ok", "late", "early"]


def test_no_name_has_the_code_minus_one() -> None:
    codes = Codes(["ok"])
    assert codes.code(None) == -1
    assert codes.name(-1) is None


def test_finding_an_unseen_name_adds_nothing_and_matches_no_row() -> None:
    codes = Codes(["ok"])
    assert codes.find("never") == -2
    assert len(codes) == 1


def test_a_code_that_was_never_given_is_refused() -> None:
    with pytest.raises(IndexError):
        Codes(["ok"]).name(-2)


def test_codes_are_the_same_after_a_journey_to_another_process() -> None:
    codes = Codes(["ok", "late"])
    codes.code("early")
    shared, again = pickle.loads(pickle.dumps((codes, codes)))
    assert shared is again
    assert [shared.code(name) for name in ("early", "new", None)] == [2, 3, -1]
    assert len(codes) == 3
