"""BindingStrategy: which policies a plugin binds ports with. The three named ones stand in files of their own."""

from collections.abc import Callable
from dataclasses import dataclass

from core.binding.binder import Binder
from core.binding.checks import ConcurrencyCheck
from core.binding.commit import BindingCommit
from core.binding.exclusion import Exclusion
from core.binding.placement import Deferred, InTransaction, Placement
from core.database import Database
from core.events import Observer
from core.managers import MechanismManager
from core.runtime import Runtime


@dataclass(frozen=True, kw_only=True)
class Collaborators:
    """What policies are built from."""

    database: Database
    manager: MechanismManager
    runtime: Runtime
    observer: Observer


@dataclass(frozen=True, kw_only=True)
class BindingStrategy:
    """A composition of policies.

    `placement` builds the moment of binding, `reads_bind` lets get_port and get_ports bind, `process_lock` serialises
    update and delete within one API process as OpenStack did in 2014 (the 'db-access' semaphore). The rest says what
    the composition is, for those who check it: whether drivers bind `inside` the transaction, the name of its
    concurrency `check` ('' for none), its most attempts, and what it `promises` (names of core.binding.promises).
    """

    name: str
    placement: Callable[[Collaborators], Placement]
    reads_bind: bool
    process_lock: bool = False
    inside: bool = False
    check: str = ""
    max_attempts: int = 1
    promises: tuple[str, ...] = ()


def in_transaction_placement(collaborators: Collaborators) -> Placement:
    """Binding inside the transaction."""
    return InTransaction(collaborators.manager, observer=collaborators.observer)


def deferred_placement(
    collaborators: Collaborators, *, check: ConcurrencyCheck, exclusion: Exclusion, max_attempts: int
) -> Placement:
    """Binding after the commit, with a second transaction that checks, under an exclusion."""
    commit = BindingCommit(collaborators.database, collaborators.manager, check)
    return Deferred(
        Binder(
            collaborators.manager,
            commit,
            exclusion,
            max_attempts=max_attempts,
            observer=collaborators.observer,
        )
    )
