"""On tiny histories, right and wrong, the checker says of every property what an oracle says that tries everything."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest

from core.binding.promises import (
    AGREEMENT,
    ANSWERS,
    CONTRACT,
    CONVERGENCE,
    DURABILITY,
    FRESHNESS,
    ISOLATION,
    OUTCOME,
    PROPERTIES,
)
from sim.history import OK, UNKNOWN, VIOLATED, History, check
from tests.sim.history.oracle.breaking import BREAKING
from tests.sim.history.oracle.mutations import mutate, widen
from tests.sim.history.oracle.small_core import told
from tests.sim.history.oracle.stated import agreement, answers, convergence, durability, isolation
from tests.sim.history.oracle.stated_contract import contract
from tests.sim.history.oracle.stated_freshness import freshness
from tests.sim.history.oracle.stated_outcome import outcome
from tests.sim.history.oracle.truth import Truth

ORACLE = {
    CONTRACT: contract,
    DURABILITY: durability,
    FRESHNESS: freshness,
    ANSWERS: answers,
    OUTCOME: outcome,
    CONVERGENCE: convergence,
    AGREEMENT: agreement,
    ISOLATION: isolation,
}
BREAK = 0.4  # how often a property is gone for

Seen = Counter[tuple[str, str]]
"""How often the oracle said which word of which property."""


def tiny(seed: int) -> History:
    """A history of two ports and three operations; of each ten one is right."""
    random = Random(seed)
    history = told(random)
    if random.random() < 0.9:
        for name in PROPERTIES:
            if random.random() < BREAK:
                BREAKING[name](history, random)
        for _ in range(random.choice((0, 0, 1, 2))):
            mutate(history, random)
    return history.history()


def wide(seed: int) -> History:
    """A tiny history of an engine that knows no instants: commits lie in intervals of up to a dozen events and more."""
    random = Random(seed)
    history = told(random)
    history.facts = replace(history.facts, exact=False)
    if random.random() < BREAK:
        BREAKING[random.choice((ANSWERS, ISOLATION))](history, random)
    for _ in range(random.choice((0, 0, 1))):
        mutate(history, random)
    for _ in range(random.randint(1, 5)):
        widen(history, random)
    return history.history()


def compared(seeds: range, make: Callable[[int], History] = tiny) -> Seen:
    """The checker's words against the oracle's."""
    seen: Seen = Counter()
    for seed in seeds:
        history = make(seed)
        truth, report = Truth(history), check(history)
        for name, oracle in ORACLE.items():
            said = oracle(truth)
            seen[name, said] += 1
            assert (seed, name, report.verdicts[name].word) == (seed, name, said)
    return seen


def assert_both_kinds(seen: Seen, *, at_least: int) -> None:
    """Every property was right and wrong often enough for the comparison to mean something."""
    for name in PROPERTIES:
        counts = {word: seen[name, word] for word in (OK, VIOLATED)}
        assert min(counts.values()) >= at_least, (name, counts)


def test_the_oracle_has_an_opinion_on_every_property() -> None:
    assert tuple(ORACLE) == PROPERTIES == tuple(BREAKING)


def test_the_checker_agrees_with_the_oracle_on_1000_tiny_histories() -> None:
    assert_both_kinds(compared(range(1_000)), at_least=200)


@pytest.mark.slow
def test_the_checker_agrees_with_the_oracle_on_20000_others() -> None:
    seen = compared(range(1_000, 21_000))
    assert_both_kinds(seen, at_least=4_000)
    assert {name: seen[name, UNKNOWN] > 0 for name in PROPERTIES} == {
        name: name in (CONTRACT, OUTCOME, CONVERGENCE, AGREEMENT) for name in PROPERTIES
    }


def test_the_checker_agrees_with_the_oracle_on_500_tiny_histories_without_instants() -> None:
    seen = compared(range(500), wide)
    assert min(seen[name, word] for name in (ANSWERS, ISOLATION, CONTRACT) for word in (OK, VIOLATED)) > 15


@pytest.mark.slow
def test_the_checker_agrees_with_the_oracle_on_20000_others_without_instants() -> None:
    compared(range(1_000, 21_000), wide)


def test_the_checker_finds_nothing_in_what_the_small_core_writes_but_what_the_strategy_does_not_promise() -> None:
    for seed in range(500):
        report = check(told(Random(seed)).history())
        broken = {name for name, verdict in report.verdicts.items() if verdict.word == VIOLATED}
        assert broken <= {AGREEMENT, FRESHNESS} if report.facts.check == "values" else broken <= {AGREEMENT}
