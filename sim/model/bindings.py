"""Follows every port through its committed states, and sees bindings get lost while the run goes on.

Fed with committed rows as the database holds them (never with what a strategy believes), with what bind_port was given,
and with what drivers were told. It counts *overwritten* and *stale* bindings and measures unbound windows; what can
only be judged at rest is in sim/model/lost.py. It never reads a clock nor the database itself.
"""

from array import array
from bisect import bisect_right
from typing import NamedTuple

from core.context import PortContext
from core.records import PortBinding

Identity = tuple[str, str, str | None, str | None, str]
"""What makes a binding the same binding: vif_type, vif_details, driver, segment, the levels above."""


def identity(binding: PortBinding) -> Identity:
    """The identity of a successful binding."""
    return binding[3:8]


class Computed(NamedTuple):
    """A binding that bind_port has set, and the state that it was computed from.

    `revision` is that state's, None inside the transaction that also commits it (its rows are locked).
    """

    port_id: str
    identity: Identity
    inputs: tuple[str, str, str]
    revision: int | None


def computed(context: PortContext, driver: str) -> Computed | None:
    """What a bind_port call has computed; None when it has set nothing."""
    result = context.result
    if result is None:
        return None
    port = context.port
    revision = port.revision_number if context.transaction is None else None
    made = (result.vif_type, result.vif_details, driver, result.segment_id, result.upper_levels)
    return Computed(port.id, made, port.binding.inputs, revision)


class _Followed:
    """A port that exists: its committed state and what its binding was computed from."""

    __slots__ = ("binding", "computed_from", "computed_version", "input_changes", "stale", "unbound_since_us")

    def __init__(self, binding: PortBinding) -> None:
        self.binding = binding
        self.computed_from = binding.inputs
        self.computed_version = 0
        self.input_changes: list[int] = []  # revisions at which host, vnic_type or profile changed
        self.stale = False
        self.unbound_since_us = -1

    def version(self, revision: int | None) -> int:
        """How often the inputs had changed at a revision, or by now."""
        return len(self.input_changes) if revision is None else bisect_right(self.input_changes, revision)


class BindingTracker:
    """Counts `overwritten` and the three ways to be `stale`; `unbound_us` holds the closed unbound windows.

    `unbound_from_us` holds when each of them began.
    """

    def __init__(self) -> None:
        self._ports: dict[str, _Followed] = {}
        self._untold: dict[tuple[str, Identity], int] = {}
        self.stale = {"at_commit": 0, "mixed": 0, "aba": 0}
        self.unbound_us = array("q")
        self.unbound_from_us = array("q")

    def __contains__(self, port_id: str) -> bool:
        """Whether the port exists in the committed state."""
        return port_id in self._ports

    @property
    def overwritten(self) -> int:
        """Successful bindings that were replaced or removed and of which no driver was told."""
        return sum(self._untold.values())

    def committed(self, port_id: str, binding: PortBinding, revision: int, made: Computed | None, at_us: int) -> None:
        """A transaction has committed, and this is the port's binding now. `made` is what its operation bound last."""
        followed = self._ports.get(port_id)
        if followed is None:
            self._new(port_id, binding, made, at_us)
        elif binding != followed.binding:
            self._changed(port_id, followed, binding, revision, made, at_us)

    def deleted(self, port_id: str, at_us: int) -> None:
        """A transaction has committed, and the port is gone."""
        followed = self._ports.pop(port_id, None)
        if followed is None:
            return
        self._end_window(followed, at_us)
        if followed.binding.is_successful:
            self._removed(port_id, followed.binding)

    def told(self, context: PortContext, method: str) -> None:
        """A driver is being told of a removed binding, after the commit."""
        if not self._untold:
            return
        before = context.port if method == "delete_port_postcommit" else context.previous
        if before is not None:
            self.told_of(before.id, identity(before.binding))

    def told_of(self, port_id: str, binding: Identity) -> None:
        """`told`, of this very binding."""
        self._untold.pop((port_id, binding), None)

    def close(self, at_us: int) -> None:
        """The run has ended: windows that are still open end here."""
        for followed in self._ports.values():
            self._end_window(followed, at_us)

    def _new(self, port_id: str, binding: PortBinding, made: Computed | None, at_us: int) -> None:
        followed = self._ports[port_id] = _Followed(binding)
        if binding.is_successful:
            self._bound(port_id, followed, made)
        elif binding.host:
            followed.unbound_since_us = at_us

    def _changed(
        self, port_id: str, followed: _Followed, now: PortBinding, revision: int, made: Computed | None, at_us: int
    ) -> None:
        before, followed.binding = followed.binding, now
        if now[:3] != before[:3]:  # their inputs
            followed.input_changes.append(revision)
        same = identity(now) == identity(before)
        if before.is_successful and not same:
            self._removed(port_id, before)
        if not now.is_successful:
            self._unbound(followed, at_us)
            return
        self._end_window(followed, at_us)
        if same and not _fits(made, port_id, now):
            self._look_for_mixed(followed)
        else:
            self._bound(port_id, followed, made)

    def _removed(self, port_id: str, binding: PortBinding) -> None:
        key = (port_id, identity(binding))
        self._untold[key] = self._untold.get(key, 0) + 1

    def _unbound(self, followed: _Followed, at_us: int) -> None:
        followed.stale = False
        if not followed.binding.host:
            self._end_window(followed, at_us)
        elif followed.unbound_since_us < 0:
            followed.unbound_since_us = at_us

    def _bound(self, port_id: str, followed: _Followed, made: Computed | None) -> None:
        """A new successful binding stands: was it computed from what the row says?"""
        if made is None or made.port_id != port_id or made.identity != identity(followed.binding):
            made = None  # nobody saw it computed: the row must be believed
        followed.computed_from = followed.binding.inputs if made is None else made.inputs
        followed.computed_version = followed.version(None if made is None else made.revision)
        followed.stale = True
        if followed.computed_from != followed.binding.inputs:
            self.stale["at_commit"] += 1
        elif followed.computed_version != followed.version(None):
            self.stale["aba"] += 1
        else:
            followed.stale = False

    def _look_for_mixed(self, followed: _Followed) -> None:
        """An old binding stands: do the inputs still say what it was computed from?"""
        fits = followed.computed_from == followed.binding.inputs
        if not fits and not followed.stale:
            self.stale["mixed"] += 1
        followed.stale = not fits

    def _end_window(self, followed: _Followed, at_us: int) -> None:
        if followed.unbound_since_us >= 0:
            self.unbound_us.append(at_us - followed.unbound_since_us)
            self.unbound_from_us.append(followed.unbound_since_us)
            followed.unbound_since_us = -1


def _fits(made: Computed | None, port_id: str, binding: PortBinding) -> bool:
    """Whether this very binding was computed anew, from the inputs that the row has now."""
    return (
        made is not None
        and made.port_id == port_id
        and made.identity == identity(binding)
        and made.inputs == binding.inputs
    )
