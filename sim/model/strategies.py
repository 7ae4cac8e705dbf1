"""A scenario's strategy variants as compositions of the core's policies."""

from core.binding import (
    BindingStrategy,
    ConcurrencyCheck,
    GenerationCheck,
    ValuesCheck,
    deferred,
    in_transaction,
    serialized,
)
from sim.scenario import Strategy


def compose(settings: Strategy) -> BindingStrategy:
    """The core's strategy for one variant of a scenario."""
    if settings.base == "in-transaction":
        return in_transaction(name=settings.name, process_lock=settings.process_lock)
    if settings.base == "deferred":
        return deferred(
            name=settings.name,
            reads_bind=settings.reads_bind,
            check=_check(settings),
            max_attempts=settings.max_attempts,
            process_lock=settings.process_lock,
        )
    return serialized(
        name=settings.name,
        reads_bind=settings.reads_bind,
        check=_check(settings),
        max_attempts=settings.max_attempts,
        lease_s=settings.lease_s,
        lease_poll_s=settings.lease_poll_s,
        process_lock=settings.process_lock,
    )


def _check(settings: Strategy) -> ConcurrencyCheck:
    return ValuesCheck() if settings.concurrency_check == "values" else GenerationCheck()
