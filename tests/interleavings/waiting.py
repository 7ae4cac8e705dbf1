"""Who waits for whom, told so that engines can be compared.

One names everybody in front of a waiter, another only those next in front; what both say alike is who is nearest: the
blockers that are not also waited for by another of the blockers.
"""

from collections.abc import Mapping

Waits = Mapping[str, set[str]]


def nearest(waits: Waits) -> dict[str, list[str]]:
    """Of each waiter the blockers that it does not already wait for by way of another one, sorted."""
    return {waiter: sorted(blockers - _behind(waits, blockers) or blockers) for waiter, blockers in waits.items()}


def _behind(waits: Waits, blockers: set[str]) -> set[str]:
    """Everybody for whom one of these waits, directly or not."""
    found: set[str] = set()
    left = [*blockers]
    while left:
        for further in waits.get(left.pop(), set()) - found:
            found.add(further)
            left.append(further)
    return found


def circle(waits: Waits) -> bool:
    """Whether somebody waits for himself in the end."""
    return any(waiter in _behind(waits, {waiter}) for waiter in waits)
