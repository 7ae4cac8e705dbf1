"""The strategy `deferred`: Robert Kukura's proposal of February 2014, shipped in Juno."""

from functools import partial

from core.binding.checks import ConcurrencyCheck, GenerationCheck
from core.binding.exclusion import NoExclusion
from core.binding.strategy import BindingStrategy, deferred_placement
from core.constants import MAX_BINDING_ATTEMPTS


def deferred(
    *,
    name: str = "deferred",
    reads_bind: bool = True,
    check: ConcurrencyCheck | None = None,
    max_attempts: int = MAX_BINDING_ATTEMPTS,
    process_lock: bool = False,
) -> BindingStrategy:
    """Commit first, bind outside any transaction, commit the result in a second one that detects concurrent changes."""
    placement = partial(
        deferred_placement,
        check=check or GenerationCheck(),
        exclusion=NoExclusion(),
        max_attempts=max_attempts,
    )
    return BindingStrategy(name=name, placement=placement, reads_bind=reads_bind, process_lock=process_lock)
