"""The names of what a strategy can promise, whatever happens around it, and which policy gives up what.

A harness can check them on a recorded run (docs/checker.md); the core itself never reads them.
"""

from typing import Final

from core.binding.policies import (
    Activation,
    AttemptedWhen,
    ConcurrencyCheck,
    ConflictRepeats,
    FailedRound,
    InputChange,
    PortAccess,
    ReadsBind,
    Where,
)
from core.binding.strategy import BindingStrategy

CONTRACT: Final = "contract"
"""Drivers are called as driver_api.py says: each sees a port's committed states as one chain."""
DURABILITY: Final = "durability"
"""A committed binding is removed only by a change of inputs or a deletion of which drivers are told."""
FRESHNESS: Final = "freshness"
"""No committed binding stands on inputs other than those that it was computed from."""
ANSWERS: Final = "answers"
"""An answer is a state that was in force between call and return."""
OUTCOME: Final = "outcome"
"""Each attempt and each transaction ends as the core says."""
CONVERGENCE: Final = "convergence"
"""Once the load has stopped, one read of each port binds all that can be bound."""
AGREEMENT: Final = "agreement"
"""Controllers and drivers end with what the database says."""
ISOLATION: Final = "isolation"
"""No dirty read, no aborted read, no lost update."""

PROPERTIES: Final = (CONTRACT, DURABILITY, FRESHNESS, ANSWERS, OUTCOME, CONVERGENCE, AGREEMENT, ISOLATION)


def promises_of(strategy: BindingStrategy) -> tuple[str, ...]:
    """What a composition promises: everything but what its policies give up, in the order of PROPERTIES.

    No strategy promises agreement: a controller keeps what a discarded attempt has reserved, and what one reserved in a
    transaction that was rolled back.
    """
    lost = {AGREEMENT}
    for policy, properties in _GIVEN_UP.items():
        field, value = policy
        if getattr(strategy, field) == value:
            lost |= properties
    if _compares_in_vain(strategy):
        lost |= _UNLOCKED
    return tuple(name for name in PROPERTIES if name not in lost)


def _compares_in_vain(strategy: BindingStrategy) -> bool:
    """Whether a comparison of revision numbers misses what the commit of a binding has changed: as good as none."""
    if strategy.inside or strategy.binding_raises_revision:
        return False
    return PortAccess.COMPARE_AND_SWAP in (strategy.first_read, strategy.second_read)


_UNLOCKED = frozenset({CONTRACT, DURABILITY, FRESHNESS, ANSWERS, OUTCOME, ISOLATION})

_FORCED = frozenset({CONTRACT, DURABILITY, FRESHNESS})  # a binding is replaced though its inputs stay

_GIVEN_UP: dict[tuple[str, object], frozenset[str]] = {
    ("where", Where.INSIDE): frozenset({CONVERGENCE}),
    ("reads_bind", ReadsBind.DEVICE_DETAILS): frozenset({CONVERGENCE}),
    ("reads_bind", ReadsBind.NEVER): frozenset({CONVERGENCE}),
    ("attempted_when", AttemptedWhen.INPUTS_CHANGED): frozenset({CONVERGENCE}),
    ("attempted_when", AttemptedWhen.UNBOUND): frozenset({CONVERGENCE}),
    ("first_read", PortAccess.PLAIN): _UNLOCKED,
    ("second_read", PortAccess.PLAIN): _UNLOCKED,
    ("concurrency_check", ConcurrencyCheck.VALUES): frozenset({FRESHNESS}),
    ("concurrency_check", ConcurrencyCheck.NONE): frozenset({FRESHNESS, DURABILITY, CONTRACT, OUTCOME}),
    ("input_change", InputChange.HOST_GIVEN): _FORCED,
    ("input_change", InputChange.ABSENT_PROFILE_IS_EMPTY): _FORCED,
    ("unbinding_sets_down", False): frozenset({CONTRACT}),
    ("binding_raises_revision", False): frozenset({CONTRACT}),
    ("update_resets_failed", False): frozenset({CONTRACT}),
    ("failed_round", FailedRound.GO_ROUND): frozenset({OUTCOME}),
    ("shared_limit", True): frozenset({OUTCOME}),
    ("conflict_repeats", ConflictRepeats.BINDING): frozenset({OUTCOME}),
    ("conflict_repeats", ConflictRepeats.OPERATION): frozenset({CONTRACT, ANSWERS, OUTCOME}),
    ("conflict_repeats", ConflictRepeats.NOTHING): frozenset({OUTCOME}),
    ("unbinds_driver", True): frozenset({CONTRACT}),
    ("validates_binding", True): frozenset({CONTRACT, DURABILITY}),
    ("activation", Activation.STALE): frozenset({CONTRACT, DURABILITY}),
}
"""Which properties a policy gives up: (field of BindingStrategy, value)."""
