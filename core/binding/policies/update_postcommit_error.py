"""What an error of a driver in the update_port_postcommit of an update does."""

from enum import StrEnum


class UpdatePostcommitError(StrEnum):
    """Whether the caller learns of it. The update stands in any case, and all other drivers are called."""

    RAISE = "raise"
    """The caller gets the error; the port is not attempted."""
    LOG = "log"
    """It is logged, and the port is attempted (Neutron since 2015, 9eed4167b6)."""
