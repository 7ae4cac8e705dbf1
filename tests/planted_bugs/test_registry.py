"""The registry of planted bugs: each says what it is, can be planted and removed, and reaches forked workers."""

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress

import pytest

from core.binding.promises import PROPERTIES
from sim.scenario import BASES
from tests.core.worlds import World
from tests.planted_bugs.bugs import BUGS, BY_NAME, is_planted
from tests.planted_bugs.planted import PlantedBug


def test_there_are_at_least_fifteen_bugs_and_no_two_have_one_name() -> None:
    assert len(BY_NAME) == len(BUGS) >= 15


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_bug_says_what_it_is_and_who_must_find_it(bug: PlantedBug) -> None:
    assert bug.what.endswith(".")
    assert bug.property
    assert set(bug.property) <= set(PROPERTIES)
    assert bug.strategies
    assert set(bug.strategies) <= set(BASES)


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_bug_is_there_while_planted_and_gone_afterwards_even_after_an_error(bug: PlantedBug) -> None:
    originals = [vars(edit.target)[edit.attribute] for edit in bug.edits]
    with suppress(KeyError), bug.planted():
        assert is_planted(bug.name)
        raise KeyError
    assert not is_planted(bug.name)
    assert [vars(edit.target)[edit.attribute] for edit in bug.edits] == originals


@pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux only")
def test_workers_forked_while_a_bug_is_planted_have_it() -> None:
    name, fork = BUGS[0].name, multiprocessing.get_context("fork")
    with BUGS[0].planted(), ProcessPoolExecutor(1, mp_context=fork) as pool:
        assert pool.submit(is_planted, name).result()
    with ProcessPoolExecutor(1, mp_context=fork) as pool:
        assert not pool.submit(is_planted, name).result()


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_defective_core_still_works_when_nothing_happens_at_once(bug: PlantedBug) -> None:
    with bug.planted():
        world = World()
        port = world.create("h1")
        world.rename(port)
        world.plugin.get_port(port["id"])
        world.plugin.delete_port(port["id"])
        assert world.rows("ports") == []
