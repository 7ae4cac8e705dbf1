"""The strategy `deferred`: Robert Kukura's proposal of February 2014, shipped in Juno."""

from functools import partial

from core.binding.checks import ConcurrencyCheck, GenerationCheck
from core.binding.exclusion import NoExclusion
from core.binding.promises import ANSWERS, CONTRACT, CONVERGENCE, DURABILITY, FRESHNESS, ISOLATION, OUTCOME
from core.binding.strategy import BindingStrategy, deferred_placement
from core.constants import MAX_BINDING_ATTEMPTS

PROMISES = (CONTRACT, DURABILITY, FRESHNESS, ANSWERS, OUTCOME, ISOLATION)
"""And convergence while reads bind. Not agreement: a controller keeps what a discarded attempt has reserved. With the
check of values there is no freshness, because a change from A to B and back to A is missed."""


def promises_of(check: ConcurrencyCheck, *, reads_bind: bool) -> tuple[str, ...]:
    """What deferred binding promises with this check, and with or without reads that bind."""
    kept = PROMISES if isinstance(check, GenerationCheck) else tuple(p for p in PROMISES if p != FRESHNESS)
    return (*kept, CONVERGENCE) if reads_bind else kept


def deferred(
    *,
    name: str = "deferred",
    reads_bind: bool = True,
    check: ConcurrencyCheck | None = None,
    max_attempts: int = MAX_BINDING_ATTEMPTS,
    process_lock: bool = False,
) -> BindingStrategy:
    """Commit first, bind outside any transaction, commit the result in a second one that detects concurrent changes."""
    check = check or GenerationCheck()
    return BindingStrategy(
        name=name,
        placement=partial(deferred_placement, check=check, exclusion=NoExclusion(), max_attempts=max_attempts),
        reads_bind=reads_bind,
        process_lock=process_lock,
        check=check.name,
        max_attempts=max_attempts,
        promises=promises_of(check, reads_bind=reads_bind),
    )
