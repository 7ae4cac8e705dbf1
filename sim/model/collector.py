"""Lets Python's garbage collector work less during a run. Used around a run by sim.simulation; changes no result.

What the set-up has made lives as long as the run, and a run makes many objects and little cyclic garbage. Looking at
all of it again and again cost a twentieth of a run with 20,000 ports (docs/performance.md).
"""

import gc
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

_ALLOCATIONS = 50_000  # container objects made between two collections of the youngest; Python's default is 700
_ALLOCATIONS_OF_SMALL_RUNS = 2_000  # the same; a run of twenty operations leaves about 600

_before: list[tuple[int, int, int]] = []  # the thresholds that those under way will put back, the innermost last


def rare_collections() -> AbstractContextManager[None]:
    """Sets aside what exists now, and collects what is made from now on in larger batches; undone at the end."""
    return _collections(_ALLOCATIONS)


def quick_collections() -> AbstractContextManager[None]:
    """The same around many small runs: each is garbage soon, and best collected while the processor's cache has it.

    Inside another of these it changes nothing: to collect what was set aside takes as long as five small runs. For the
    same reason what is old already is set aside as it is, and only what is young is collected first.
    """
    if _before:
        return nullcontext()
    gc.collect(1)
    return _collections(_ALLOCATIONS_OF_SMALL_RUNS)


@contextmanager
def _collections(allocations: int) -> Iterator[None]:
    before = gc.get_threshold()
    _before.append(before)
    gc.freeze()
    gc.set_threshold(allocations, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*_before.pop())
        gc.unfreeze()
