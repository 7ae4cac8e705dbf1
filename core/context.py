"""PortContext: what a mechanism driver sees of a port, and how it sets a binding. Made by the plugin and its strategy.

A context is a snapshot: it holds records, never rows of an open session, and stays readable after the transaction.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from core.constants import MAX_VIF_TYPE_LENGTH, PORT_STATUSES, UNSUCCESSFUL_VIF_TYPES
from core.exceptions import InvalidBinding
from core.records import Network, Port, PortDict, Segment, decoded, encoded

if TYPE_CHECKING:
    from core.database import Transaction

_VIF_TYPES_ALLOWED = f"a name other than 'unbound' and 'binding_failed', at most {MAX_VIF_TYPE_LENGTH} characters long"


class BindingResult(NamedTuple):
    """What set_binding was told: a successful binding that is not committed yet."""

    segment_id: str
    vif_type: str
    vif_details: str
    status: str | None


class PortContext:
    """A port before and after a change, its network, and the binding that a driver may set.

    `port` is the current state as a record, `previous` the state before (None on create, delete and bind).
    `transaction` is the open transaction in precommits (and in bind_port with in-transaction binding), else None.
    `latest` is the plugin's: the port as it was found when a COMMIT was in doubt; others may have changed it since.
    """

    __slots__ = ("_current", "_original", "latest", "network", "port", "previous", "result", "transaction")

    def __init__(
        self,
        port: Port,
        network: Network,
        *,
        original: Port | None = None,
        transaction: "Transaction | None" = None,
    ) -> None:
        self.port = port
        self.previous = original
        self._current: PortDict | None = None
        self._original: PortDict | None = None
        self.network = network
        self.transaction = transaction
        self.result: BindingResult | None = None
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
    def segments_to_bind(self) -> Sequence[Segment]:
        """The network's segments in their order: those that bind_port may choose from."""
        return self.network.segments

    @property
    def bound_segment(self) -> Segment | None:
        """The segment of the current successful binding, or None."""
        return self.network.segment(self.port.binding.segment_id)

    @property
    def original_bound_segment(self) -> Segment | None:
        """The segment of the successful binding before the change, or None."""
        return self.network.segment(self.previous.binding.segment_id) if self.previous else None

    @property
    def bound_driver(self) -> str | None:
        """The name of the driver that made the current binding, or None."""
        return self.port.binding.driver

    @property
    def original_bound_driver(self) -> str | None:
        """The name of the driver of the binding before the change, or None."""
        return self.previous.binding.driver if self.previous else None

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
        """Sets the result of bind_port: one of the network's segments, a vif type, JSON-able details, a port status.

        `status` None leaves the port's status. Raises InvalidBinding, and sets nothing, when the segment is not one of
        the network's, the vif type is not that of a success, the details are not a mapping that JSON can express, or
        the status is not a port's. Called again in one bind_port, the last call counts.
        """
        if self.network.segment(segment_id) is None:
            allowed = [segment.id for segment in self.network.segments]
            raise InvalidBinding("segment_id", segment_id, f"one of network {self.network.id}'s segments {allowed}")
        if not _is_success(vif_type):
            raise InvalidBinding("vif_type", vif_type, _VIF_TYPES_ALLOWED)
        if status is not None and status not in PORT_STATUSES:
            raise InvalidBinding("status", status, f"None or one of {PORT_STATUSES}")
        self.result = BindingResult(segment_id, vif_type, _details_text(vif_details), status)


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
