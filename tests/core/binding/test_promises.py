"""What a composition promises, where that does not follow from each policy by itself."""

from dataclasses import replace

import pytest

from core.binding import DEFERRED, IN_TRANSACTION, NEUTRON_2026_1, promises_of
from core.binding.policies import PortAccess
from core.binding.promises import ANSWERS, CONTRACT, CONVERGENCE, ISOLATION

SWAP = PortAccess.COMPARE_AND_SWAP


@pytest.mark.parametrize("read", ["first_read", "second_read"])
def test_revisions_that_a_binding_does_not_raise_are_compared_in_vain(read: str) -> None:
    compares = replace(DEFERRED, **{read: SWAP})
    assert promises_of(compares) == promises_of(DEFERRED)
    assert promises_of(replace(compares, binding_raises_revision=False)) == (CONVERGENCE,)
    assert set(promises_of(replace(DEFERRED, binding_raises_revision=False))) == {*promises_of(DEFERRED)} - {CONTRACT}


def test_a_binding_inside_the_transaction_has_no_commit_of_its_own_that_could_be_missed() -> None:
    compares = replace(IN_TRANSACTION, first_read=SWAP)
    assert {*promises_of(IN_TRANSACTION)} - {*promises_of(replace(compares, binding_raises_revision=False))} == {
        CONTRACT
    }


@pytest.mark.parametrize("mend", [PortAccess.FOR_UPDATE, SWAP])
def test_either_mend_of_the_first_read_gives_back_what_the_plain_one_gave_up(mend: PortAccess) -> None:
    assert promises_of(NEUTRON_2026_1) == ()
    assert promises_of(replace(NEUTRON_2026_1, first_read=mend)) == (ANSWERS, ISOLATION)
