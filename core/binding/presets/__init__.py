"""Compositions with a name: the proposal and its alternatives, and what four releases of Neutron really did."""

from core.binding.presets.deferred import DEFERRED
from core.binding.presets.havana import HAVANA
from core.binding.presets.icehouse import ICEHOUSE
from core.binding.presets.in_transaction import IN_TRANSACTION
from core.binding.presets.juno import JUNO
from core.binding.presets.neutron_2026_1 import NEUTRON_2026_1
from core.binding.presets.serialized import SERIALIZED

PRESETS = {
    preset.name: preset for preset in (IN_TRANSACTION, DEFERRED, SERIALIZED, HAVANA, ICEHOUSE, JUNO, NEUTRON_2026_1)
}
"""By name: first the three that this project compares, then the releases in their order."""

__all__ = [
    "DEFERRED",
    "HAVANA",
    "ICEHOUSE",
    "IN_TRANSACTION",
    "JUNO",
    "NEUTRON_2026_1",
    "PRESETS",
    "SERIALIZED",
]
