"""Collects what finished runs have left behind: for processes that make one run after the other.

sim.experiment.jobs tells it of every run. It changes no result.

A run sets aside what exists when it begins, and puts it back when it ends (sim.model.collector). That makes old objects
of the reference cycles of the run before, and Python looks at old objects only when a quarter more of them have been
made the usual way, so here it never does: a process grew by about 3 KB an operation, to 2.7 GB in 1,000 small runs.
"""

import gc

_OPERATIONS = 20_000  # between two collections, about 60 MB; assumption


class LateCollections:
    """Counts operations, and collects everything once in so many of them."""

    def __init__(self, *, operations: int = _OPERATIONS) -> None:
        self._every = self._left = operations

    def after(self, operations: int) -> None:
        """A run with so many operations is over."""
        self._left -= operations
        if self._left <= 0:
            gc.collect()
            self._left = self._every
