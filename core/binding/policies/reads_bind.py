"""Which reads attempt to bind a port that needs it."""

from enum import StrEnum


class ReadsBind(StrEnum):
    """Who heals a port that was left without a binding."""

    API = "api"
    """get_port and get_ports (the proposal's item 6, never shipped), and the agent's request for device details."""
    DEVICE_DETAILS = "device_details"
    """The agent's request alone (since Juno)."""
    NEVER = "never"
    """Nobody that only reads."""

    @property
    def api(self) -> bool:
        """Whether get_port and get_ports bind."""
        return self is ReadsBind.API

    @property
    def device_details(self) -> bool:
        """Whether get_device_details binds."""
        return self is not ReadsBind.NEVER
