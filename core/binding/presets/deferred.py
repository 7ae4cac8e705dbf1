"""The strategy `deferred`: the proposal of February 2014, and what every other preset is compared with.

Promises (core.binding.promises): contract, durability, freshness, answers, outcome, convergence, isolation.
"""

from core.binding.strategy import BindingStrategy

DEFERRED = BindingStrategy(name="deferred")
"""Commit first, bind outside any transaction, commit the result in a second one that detects concurrent changes."""
