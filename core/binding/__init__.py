"""Binding strategies, as compositions of small policies: where binding happens, what a change is, who may attempt."""

from core.binding.checks import ConcurrencyCheck, GenerationCheck, ValuesCheck
from core.binding.deferred import deferred
from core.binding.in_transaction import in_transaction
from core.binding.serialized import serialized
from core.binding.strategy import BindingStrategy

__all__ = [
    "BindingStrategy",
    "ConcurrencyCheck",
    "GenerationCheck",
    "ValuesCheck",
    "deferred",
    "in_transaction",
    "serialized",
]
