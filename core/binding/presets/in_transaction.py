"""The strategy `in-transaction`: binding as it was before the proposal, cleaned of its time's other bugs: the baseline.

What the releases of that time really did: core.binding.presets.havana and icehouse.

Promises (core.binding.promises): contract, durability, freshness, answers, outcome, isolation.
"""

from core.binding.policies import ReadsBind, Where
from core.binding.strategy import BindingStrategy

IN_TRANSACTION = BindingStrategy(name="in-transaction", where=Where.INSIDE, reads_bind=ReadsBind.NEVER)
"""bind_port inside the transaction that creates or updates the port, its rows locked; reads never bind."""
