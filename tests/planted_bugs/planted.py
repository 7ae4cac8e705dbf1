"""What a planted bug is: edits of the core that stand as long as a `with` lasts, and the property that must find it.

The soak's tests plant one, run, and expect a finding. The edits are plain patches of modules and classes of `core`, so
worker processes that are forked while a bug is planted have it too. Production code knows nothing of them. Where the
core's own function changes, the copies of it here have to follow.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple
from unittest.mock import patch

Property = Literal["contract", "durability", "freshness", "answers", "outcome", "convergence", "agreement", "isolation"]
Base = Literal["deferred", "serialized", "in-transaction"]

AFTER_COMMIT: tuple[Base, ...] = ("deferred", "serialized")
EVERY: tuple[Base, ...] = (*AFTER_COMMIT, "in-transaction")


class Edit(NamedTuple):
    """A function (or other attribute) of the core, where it is looked up, and what stands there instead."""

    target: Any
    attribute: str
    replacement: object


@dataclass(frozen=True)
class PlantedBug:
    """One realistic edit of the core.

    `what` says in a sentence what is wrong, `property` which properties may find it (the expected one first),
    `strategies` the bases in which the edited code runs and does harm.
    """

    name: str
    what: str
    property: tuple[Property, ...]
    strategies: tuple[Base, ...]
    edits: tuple[Edit, ...]

    @contextmanager
    def planted(self) -> Iterator[None]:
        """The core has the bug inside and is right again afterwards."""
        with ExitStack() as stack:
            for edit in self.edits:
                stack.enter_context(patch.object(edit.target, edit.attribute, edit.replacement))
            yield
