"""remembered: what was computed from a result is kept for as long as the result is.

A page draws everything twice. Figures use it for what they read from tables. Results do not change, so nothing is
forgotten too late.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

T = TypeVar("T")


def remembered(compute: Callable[[Any], T]) -> Callable[[Any], T]:
    """Makes a function of a result compute once for each result; one that cannot be remembered is computed again."""
    known: WeakKeyDictionary[Any, T] = WeakKeyDictionary()

    @wraps(compute)
    def once(result: Any) -> T:
        try:
            if result not in known:
                known[result] = compute(result)
            return known[result]
        except TypeError:  # neither hashable nor weakly referable
            return compute(result)

    return once
