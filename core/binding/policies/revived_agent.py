"""What happens to the ports of a host whose agent reports again after it was seen dead."""

from enum import StrEnum


class RevivedAgent(StrEnum):
    """Whether its ports whose binding has failed are attempted."""

    IGNORED = "ignored"
    """Not for that reason; an update or a read that binds may."""
    REBINDS = "rebinds"
    """All of them, one after the other, in the request that reports (since 2018, f787f12aa3; bug 1794809)."""
