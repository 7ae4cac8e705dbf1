"""The strategy `serialized`: deferred binding under a distributed lock, the alternative that the proposal rejects.

Promises (core.binding.promises): contract, durability, freshness, answers, outcome, convergence, isolation.
"""

from core.binding.policies import Where
from core.binding.strategy import BindingStrategy

SERIALIZED = BindingStrategy(name="serialized", where=Where.UNDER_LEASE)
"""As `deferred`, but each attempt holds a lease on the port.

It promises what deferred binding promises: the lease spares remote calls, the second transaction's check decides.
"""
