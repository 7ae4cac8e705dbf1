"""Lets Python's garbage collector work less during a run. Used around a run by sim.simulation; changes no result.

What the set-up has made lives as long as the run, and a run makes many objects and little cyclic garbage. Looking at
all of it again and again cost a twentieth of a run with 20,000 ports (docs/performance.md).
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_ALLOCATIONS = 50_000  # container objects made between two collections of the youngest; Python's default is 700


@contextmanager
def rare_collections() -> Iterator[None]:
    """Sets aside what exists now, and collects what is made from now on in larger batches; undone at the end."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
