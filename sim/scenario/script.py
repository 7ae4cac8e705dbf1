"""A script: the operations of a load one by one, each with its instant, its port and its host, instead of a mix.

What a shrunk failing run is written down as. sim.model.script plays it; nothing here draws.
"""

from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from sim.scenario.base import Count, Flag, Name, Part, Seconds
from sim.scenario.kinds import (
    OF_BINDING,
    OF_MADE_BINDING,
    WITHOUT_PORT,
    Change,
    Filter,
    Kind,
    Status,
    filled,
    refuse_stray_settings,
)

LARGEST_NUMBER = 1_000_000  # of a scripted operation; assumption
LONGEST = 10_000  # items of a script; assumption
VNIC_TYPES = ("normal", "direct", "macvtap", "baremetal", "direct-physical")  # core.constants.VNIC_TYPES

Number = Annotated[int, Field(strict=True, ge=0, le=LARGEST_NUMBER)]


class ScriptedOperation(Part):
    """One operation of a script."""

    leaves_out_nulls: ClassVar[bool] = True
    at_s: Seconds
    """When it arrives, s from the start."""
    number: Number = 0
    """Its number, which its draws are keyed by; default: its position in the list."""
    operation: Kind
    """create_port, update_port, delete_port, get_port, get_ports; a request of a host's agent: get_device_details,
    update_port_status; for live migration create_binding, activate, delete_binding."""
    label: Name = Field(default="", alias="class", validate_default=False)
    """The class that metrics report it under; the operation's own name unless given."""
    tenant: Count | None = None
    """The tenant that sends it; drawn unless given."""
    port: Count | None = None
    """The initial port that it is about, by its number."""
    port_of: Number | None = None
    """Or the operation that creates the port that it is about, by its number."""
    host: Count | None = None
    """The host that a create, an update of the host, a list by host or a further binding names; drawn unless given,
    and needed by activate and delete_binding."""
    bind: Flag | None = None
    """create_port only: whether it gives binding:host_id; true unless given."""
    change: Change | None = None
    """update_port only: what it changes; the host unless given."""
    value: Annotated[str, Field(max_length=60)] | None = None
    """update_port only: the vnic_type, a word for the profile (empty: no profile), or the name that it changes to;
    by its number unless given."""
    filter: Filter | None = None
    """get_ports only: what it filters by; the network unless given."""
    status: Status | None = None
    """update_port_status only: the status that the agent reports; ACTIVE unless given."""

    @classmethod
    def fill(cls, raw: dict[str, Any]) -> dict[str, Any]:
        """The class, and the one setting that belongs to the operation."""
        return filled(raw)

    @property
    def needs_port(self) -> bool:
        """Whether it is about a port that exists already."""
        return self.filter == "device" or self.operation not in ("create_port", *WITHOUT_PORT)

    @property
    def names_host(self) -> bool:
        """Whether a host belongs to it."""
        named = bool(self.bind) or "host" in (self.change, self.filter)
        return named or self.operation in OF_BINDING

    @model_validator(mode="after")
    def _settings_mean_something(self) -> Self:
        refuse_stray_settings(self)
        given = [self.port, self.port_of]
        if self.needs_port and given.count(None) != 1:
            raise PydanticCustomError("cross", "needs the port that it is about: either port or port_of")
        if not self.needs_port and given.count(None) != 2:
            raise PydanticCustomError("cross", "is about no port that exists already; leave out port and port_of")
        if self.host is not None and not self.names_host:
            raise PydanticCustomError("cross", "names no host; leave out host")
        if self.host is None and self.operation in OF_MADE_BINDING:
            raise PydanticCustomError("cross", "needs the host of the binding that it is about")
        return self

    @model_validator(mode="after")
    def _value_fits(self) -> Self:
        if self.value is not None and self.change not in ("vnic_type", "profile", "name"):
            raise PydanticCustomError("cross", "value belongs to a change of vnic_type, profile or name")
        if self.value is not None and self.change == "vnic_type" and self.value not in VNIC_TYPES:
            allowed = ", ".join(VNIC_TYPES)
            raise PydanticCustomError(
                "cross", "value is '{value}'; vnic_type can be {allowed}", {"value": self.value, "allowed": allowed}
            )
        return self


def _numbered(items: Any) -> Any:
    """Every item of a list with its number."""
    if not isinstance(items, (list, tuple)):
        return items
    return [{"number": place, **item} if isinstance(item, dict) else item for place, item in enumerate(items)]


Script = Annotated[tuple[ScriptedOperation, ...], Field(min_length=1, max_length=LONGEST), BeforeValidator(_numbered)]
"""The operations in any order; those of one instant arrive in the order of the list."""
