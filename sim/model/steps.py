"""The mix of operations, read once into plain attributes, and the numbers that name operations and ports.

An arrival draws one tree of steps: an operation and what follows it. Every step of every tree has a fixed place, so an
operation's number says what it is: arrival, place in the tree, and how often it was repeated. Draws are keyed by it,
hence the same for every strategy. Used by the load; nothing here draws.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING

from sim.kernel import Constant
from sim.scenario import FollowUp, Operation, Since, Workload

if TYPE_CHECKING:
    from sim.kernel.distributions import Distribution

PortIndex = int
"""A port's number: initial port i is i, the port that operation k creates is the number of initial ports plus k."""


@dataclass(slots=True, eq=False)
class Step:
    """One operation of a tree. `place` is its number in the tree, in the order of the file, parents first."""

    kind: str
    class_name: str
    place: int
    binds: bool
    changes: str
    filters: str
    status: str = ""
    value: str | None = None  # what it changes to, where a script says so
    after: "Distribution | None" = None
    fixed_after_us: int | None = None  # where it never varies
    since: Since = "end"
    then: list["Step"] = field(default_factory=list)
    agent_follows: bool = False  # whether something follows on a notification


@dataclass(frozen=True, slots=True)
class Mix:
    """The entries of a workload with their cumulated weights, and how operations are numbered."""

    roots: tuple[Step, ...]
    cumulated: tuple[float, ...]
    steps_per_arrival: int
    slots_per_step: int

    def root(self, uniform: float) -> Step:
        """The entry at this probability."""
        place = bisect_right(self.cumulated, uniform * self.cumulated[-1])
        return self.roots[min(place, len(self.roots) - 1)]

    def has(self, kind: str) -> bool:
        """Whether there are operations of this kind."""
        return any(_has(root, kind) for root in self.roots)

    def operation(self, arrival: int, step: Step) -> int:
        """The number of a step's operation; the client's repeats have the numbers after it."""
        return (arrival * self.steps_per_arrival + step.place) * self.slots_per_step


def compile_mix(workload: Workload) -> Mix:
    """The workload's mix with every follow-up in its place; without entries for a script."""
    weighted = [entry for entry in workload.operations if entry.weight]
    roots = tuple(_tree(entry, 0) for entry in weighted)
    client = workload.client
    return Mix(
        roots=roots,
        cumulated=tuple(accumulate(entry.weight for entry in weighted)),
        steps_per_arrival=max((_size(root) for root in roots), default=1),
        slots_per_step=1 + client.retries + (client.on_timeout == "delete"),
    )


def _tree(entry: Operation, place: int) -> Step:
    step = Step(
        entry.operation,
        entry.label,
        place,
        binds=bool(entry.bind),
        changes=entry.change or "",
        filters=entry.filter or "",
        status=entry.status or "",
    )
    place += 1
    for follow_up in _expanded(entry):
        child = _tree(follow_up, place)
        child.after = follow_up.after_s.build()
        child.fixed_after_us = child.after.quantile_us(0.5) if isinstance(child.after, Constant) else None
        child.since = follow_up.since
        step.then.append(child)
        step.agent_follows |= child.since == "notified"
        place += _size(child)
    return step


def _expanded(entry: Operation) -> Iterator[FollowUp]:
    for follow_up in entry.then:
        for _ in range(follow_up.count):
            yield follow_up


def _has(step: Step, kind: str) -> bool:
    return step.kind == kind or any(_has(child, kind) for child in step.then)


def _size(step: Step) -> int:
    return 1 + sum(_size(child) for child in step.then)
