"""Words that the API, the drivers and the database share, spelled as Neutron spells them. Imported everywhere."""

from typing import Final

VIF_TYPE_UNBOUND: Final = "unbound"
VIF_TYPE_BINDING_FAILED: Final = "binding_failed"
VIF_TYPE_OVS: Final = "ovs"
VIF_TYPE_OTHER: Final = "other"

UNSUCCESSFUL_VIF_TYPES: Final = frozenset({VIF_TYPE_UNBOUND, VIF_TYPE_BINDING_FAILED})

VNIC_NORMAL: Final = "normal"
VNIC_TYPES: Final = ("normal", "direct", "macvtap", "baremetal", "direct-physical")

STATUS_ACTIVE: Final = "ACTIVE"
STATUS_DOWN: Final = "DOWN"
STATUS_BUILD: Final = "BUILD"
STATUS_ERROR: Final = "ERROR"
PORT_STATUSES: Final = (STATUS_ACTIVE, STATUS_DOWN, STATUS_BUILD, STATUS_ERROR)

BINDING_INACTIVE: Final = "INACTIVE"  # status of a binding that is not the port's own

TYPE_FLAT: Final = "flat"
TYPE_VLAN: Final = "vlan"
TYPE_VXLAN: Final = "vxlan"
TYPE_GRE: Final = "gre"
NETWORK_TYPES: Final = (TYPE_FLAT, TYPE_VLAN, TYPE_VXLAN, TYPE_GRE)
TUNNEL_TYPES: Final = (TYPE_VXLAN, TYPE_GRE)

SEGMENTATION_ID_LIMITS: Final = {
    TYPE_VLAN: (1, 4094),  # IEEE 802.1Q: 12 bits, 0 and 4095 reserved
    TYPE_VXLAN: (1, 2**24 - 1),  # RFC 7348: 24-bit VNI
    TYPE_GRE: (1, 2**32 - 1),  # RFC 2890: 32-bit key
}
"""Lowest and highest segmentation id of each network type that has one."""

MAX_PROFILE_LENGTH: Final = 4095  # characters of JSON; Neutron's BINDING_PROFILE_LEN
MAX_NAME_LENGTH: Final = 255  # characters; Neutron's NAME_FIELD_SIZE
MAX_VIF_TYPE_LENGTH: Final = 64  # characters; the column ml2_port_bindings.vif_type

MAX_BINDING_ATTEMPTS: Final = 10  # attempts an operation; Neutron's MAX_BIND_TRIES
MAX_BINDING_LEVELS: Final = 10  # levels of one binding; Neutron's MAX_BINDING_LEVELS
MAX_CONFLICT_RETRIES: Final = 20  # retries a transaction; neutron-lib, db/api
FIRST_BACKOFF_S: Final = 0.5  # seconds; neutron-lib, db/api
LONGEST_BACKOFF_S: Final = 10.0  # seconds; neutron-lib, db/api
LEASE_S: Final = 60.0  # seconds a port's lease lasts; docs/design.md, serialized binding
LEASE_POLL_S: Final = 0.1  # seconds between two tries to take a lease; assumption
AGENT_DOWN_S: Final = 75.0  # seconds without a heartbeat; Neutron's agent_down_time
