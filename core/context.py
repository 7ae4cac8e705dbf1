"""PortContext: what a mechanism driver sees of a port, and how it sets a binding. Made by the plugin and its strategy.

A context is a snapshot: it holds records, never rows of an open session, and stays readable after the transaction.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from core.constants import MAX_VIF_TYPE_LENGTH, PORT_STATUSES, UNSUCCESSFUL_VIF_TYPES
from core.exceptions import InvalidBinding
from core.records import BindingLevel, Network, Port, PortBinding, PortDict, Segment, decoded, encoded

if TYPE_CHECKING:
    from core.database import Transaction

_VIF_TYPES_ALLOWED = f"a name other than 'unbound' and 'binding_failed', at most {MAX_VIF_TYPE_LENGTH} characters long"


class BindingResult(NamedTuple):
    """What set_binding was told: a successful binding that is not committed yet."""

    segment_id: str
    vif_type: str
    vif_details: str
    status: str | None
    upper_levels: str = ""
    """The levels above this one, as in PortBinding."""


class Continuation(NamedTuple):
    """What continue_binding was told: one level of a binding, and the segments from which the next is to be bound."""

    segment_id: str
    next_segments: tuple[Segment, ...]


class PortContext:
    """A port before and after a change, its network, and the binding that a driver may set.

    `segments_to_bind` are those that bind_port may choose from: the network's in their order or, below the top level,
    what the driver above has left. `port` is the current state as a record, `previous` the state before (None on
    create, delete and bind).
    `transaction` is the open transaction in precommits (and in bind_port with in-transaction binding), else None.
    `latest` is the plugin's: the port as it was found when a COMMIT was in doubt; others may have changed it since.
    """

    __slots__ = (
        "_current", "_original", "continuation", "latest", "network", "port", "previous", "result", "segments_to_bind",
        "transaction",
    )  # fmt: skip

    def __init__(
        self,
        port: Port,
        network: Network,
        *,
        original: Port | None = None,
        transaction: "Transaction | None" = None,
        segments_to_bind: Sequence[Segment] | None = None,
    ) -> None:
        self.port = port
        self.previous = original
        self._current: PortDict | None = None
        self._original: PortDict | None = None
        self.network = network
        self.transaction = transaction
        self.segments_to_bind = network.segments if segments_to_bind is None else segments_to_bind
        self.result: BindingResult | None = None
        self.continuation: Continuation | None = None
        self.latest: Port | None = None

    @property
    def current(self) -> PortDict:
        """The port under Neutron's attribute names. The context's drivers share the dict and must not change it."""
        if self._current is None:
            self._current = self.port.as_dict()
        return self._current

    @property
    def original(self) -> PortDict | None:
        """The port before the update under Neutron's attribute names; None on create, delete and bind_port."""
        if self._original is None and self.previous is not None:
            self._original = self.previous.as_dict()
        return self._original

    @property
    def bound_segment(self) -> Segment | None:
        """The segment that set_binding named in the current successful binding, or None: that of the bottom level."""
        return self.network.segment(self.port.binding.segment_id)

    @property
    def original_bound_segment(self) -> Segment | None:
        """The `bound_segment` before the change, or None."""
        return self.network.segment(self.previous.binding.segment_id) if self.previous else None

    @property
    def bound_driver(self) -> str | None:
        """The name of the driver that has set the current binding, or None: that of the bottom level."""
        return self.port.binding.driver

    @property
    def original_bound_driver(self) -> str | None:
        """The `bound_driver` before the change, or None."""
        return self.previous.binding.driver if self.previous else None

    @property
    def binding_levels(self) -> list[BindingLevel]:
        """The levels of the current binding from the top to the bottom, one where it was not continued; else empty.

        In bind_port, the levels above the one that is to be bound.
        """
        return self._levels(self.port.binding)

    @property
    def original_binding_levels(self) -> list[BindingLevel]:
        """The levels of the binding before the change; empty without one."""
        return self._levels(self.previous.binding) if self.previous else []

    @property
    def top_bound_segment(self) -> Segment | None:
        """The segment of the first of `binding_levels`, or None."""
        return _segment_at(self.binding_levels, 0)

    @property
    def original_top_bound_segment(self) -> Segment | None:
        """The segment of the first of `original_binding_levels`, or None."""
        return _segment_at(self.original_binding_levels, 0)

    @property
    def bottom_bound_segment(self) -> Segment | None:
        """The segment of the last of `binding_levels`, or None."""
        return _segment_at(self.binding_levels, -1)

    @property
    def original_bottom_bound_segment(self) -> Segment | None:
        """The segment of the last of `original_binding_levels`, or None."""
        return _segment_at(self.original_binding_levels, -1)

    @property
    def host(self) -> str:
        """binding:host_id, '' when none is given."""
        return self.port.binding.host

    @property
    def original_host(self) -> str | None:
        """binding:host_id before the change, None without an original."""
        return self.previous.binding.host if self.previous else None

    @property
    def status(self) -> str:
        """The port's status."""
        return self.port.status

    @property
    def original_status(self) -> str | None:
        """The port's status before the change, None without an original."""
        return self.previous.status if self.previous else None

    @property
    def vif_type(self) -> str:
        """binding:vif_type: 'unbound', 'binding_failed', or what the driver set."""
        return self.port.binding.vif_type

    @property
    def vif_details(self) -> dict[str, Any]:
        """binding:vif_details as the driver set it; a fresh dict."""
        return decoded(self.port.binding.vif_details)

    @property
    def profile(self) -> dict[str, Any]:
        """binding:profile; a fresh dict."""
        return decoded(self.port.binding.profile)

    @property
    def vnic_type(self) -> str:
        """binding:vnic_type."""
        return self.port.binding.vnic_type

    def set_binding(
        self, segment_id: str, vif_type: str, vif_details: Mapping[str, Any], status: str | None = None
    ) -> None:
        """Sets the result of bind_port: one of the segments to bind, a vif type, JSON-able details, a port status.

        `status` None leaves the port's status. Raises InvalidBinding, and sets nothing, when the segment is not one of
        `segments_to_bind`, the vif type is not that of a success, the details are not a mapping that JSON can express,
        or the status is not a port's. Called again in one bind_port, or after continue_binding, the last call counts.
        """
        self._check_is_to_bind(segment_id, "set_binding")
        if not _is_success(vif_type):
            raise InvalidBinding("vif_type", vif_type, _VIF_TYPES_ALLOWED)
        if status is not None and status not in PORT_STATUSES:
            raise InvalidBinding("status", status, f"None or one of {PORT_STATUSES}")
        details, upper = _details_text(vif_details), self.port.binding.upper_levels
        self.result = BindingResult(segment_id, vif_type, details, status, upper)
        self.continuation = None

    def continue_binding(self, segment_id: str, next_segments_to_bind: Iterable[Segment | str]) -> None:
        """Binds one of the segments to bind, and leaves it to drivers one level below to bind one of the next.

        These are segments of the network, or their ids. All drivers are asked in their order with them; when none
        binds, it is as if this had not been called, and the next driver of this level is asked. Raises InvalidBinding,
        and continues nothing, when a segment is not such a one or there is no next one. The last call counts, as in
        set_binding.
        """
        self._check_is_to_bind(segment_id, "continue_binding")
        self.continuation = Continuation(segment_id, self._next_segments(next_segments_to_bind))
        self.result = None

    def _check_is_to_bind(self, segment_id: str, method: str) -> None:
        for segment in self.segments_to_bind:
            if segment.id == segment_id:
                return
        allowed = [segment.id for segment in self.segments_to_bind]
        wanted = f"one of network {self.network.id}'s segments to bind {allowed}"
        raise InvalidBinding("segment_id", segment_id, wanted, method=method)

    def _next_segments(self, given: object) -> tuple[Segment, ...]:
        wanted = list(given) if isinstance(given, Iterable) and not isinstance(given, str) else []
        known = [self.network.segment(each.id if isinstance(each, Segment) else each) for each in wanted]
        found = dict.fromkeys(segment for segment in known if segment is not None)
        if not known or None in known:
            ids = [segment.id for segment in self.network.segments]
            allowed = f"at least one of network {self.network.id}'s segments {ids}, and no other"
            raise InvalidBinding("next_segments_to_bind", given, allowed, method="continue_binding")
        return tuple(found)

    def _levels(self, binding: PortBinding) -> list[BindingLevel]:
        return [BindingLevel(driver, self.network.segment(segment_id)) for driver, segment_id in binding.levels]


def _segment_at(levels: Sequence[BindingLevel], place: int) -> Segment | None:
    return levels[place].bound_segment if levels else None


def _is_success(vif_type: object) -> bool:
    if not isinstance(vif_type, str) or not 0 < len(vif_type) <= MAX_VIF_TYPE_LENGTH:
        return False
    return vif_type not in UNSUCCESSFUL_VIF_TYPES


def _details_text(details: object) -> str:
    if type(details) is not dict and not isinstance(details, Mapping):  # the second question is dear
        raise InvalidBinding("vif_details", details, "a mapping that JSON can express")
    try:
        return encoded(details)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidBinding("vif_details", details, "a mapping that JSON can express") from error
