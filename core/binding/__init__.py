"""Binding strategies: a frozen composition of policies each (strategy), what the policies are, and named presets."""

from core.binding.presets import (
    DEFERRED,
    HAVANA,
    ICEHOUSE,
    IN_TRANSACTION,
    JUNO,
    NEUTRON_2026_1,
    PRESETS,
    SERIALIZED,
)
from core.binding.promises import promises_of
from core.binding.strategy import BindingStrategy

__all__ = [
    "DEFERRED",
    "HAVANA",
    "ICEHOUSE",
    "IN_TRANSACTION",
    "JUNO",
    "NEUTRON_2026_1",
    "PRESETS",
    "SERIALIZED",
    "BindingStrategy",
    "promises_of",
]
