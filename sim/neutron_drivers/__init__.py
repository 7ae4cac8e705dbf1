"""Mechanism drivers written for Neutron, in the simulator: found, loaded, and called with contexts that they know.

`sim.model.drivers` makes a `NeutronDriver` (sim.neutron_drivers.adapter) for each driver of kind `neutron`. Nothing of
Neutron is imported before a driver is loaded, and a driver that needs no Neutron needs none installed. This door holds
the errors only: who looks out for them does not pay for the rest. See docs/neutron_drivers.md.
"""

from sim.neutron_drivers.call import DriverStopped, NeutronDriverError, explained

__all__ = ["DriverStopped", "NeutronDriverError", "explained"]
