"""The names of what a strategy can promise, whatever happens around it. Each strategy's own file says which it keeps.

A harness can check them on a recorded run (docs/checker.md); the core itself never reads them.
"""

from typing import Final

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
