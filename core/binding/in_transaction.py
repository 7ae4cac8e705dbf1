"""The strategy `in-transaction`: binding as it was before the proposal of 2014, the baseline of every comparison."""

from core.binding.promises import ANSWERS, CONTRACT, DURABILITY, FRESHNESS, ISOLATION, OUTCOME
from core.binding.strategy import BindingStrategy, in_transaction_placement

PROMISES = (CONTRACT, DURABILITY, FRESHNESS, ANSWERS, OUTCOME, ISOLATION)
"""Neither convergence, because reads never bind, nor agreement, because a controller is called in a transaction that
may be rolled back."""


def in_transaction(*, name: str = "in-transaction", process_lock: bool = False) -> BindingStrategy:
    """bind_port inside the transaction that creates or updates the port; reads never bind.

    `process_lock` serialises update and delete within one API process, as the 'db-access' semaphore of 2014 did.
    """
    return BindingStrategy(
        name=name,
        placement=in_transaction_placement,
        reads_bind=False,
        process_lock=process_lock,
        inside=True,
        promises=PROMISES,
    )
