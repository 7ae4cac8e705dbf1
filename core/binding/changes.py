"""How a port changes when its inputs, a binding's result or its removal are applied. Pure functions over records."""

from collections.abc import Mapping
from typing import Any

from core.binding.attempt import Attempt
from core.binding.strategy import BindingStrategy
from core.constants import STATUS_DOWN, VIF_TYPE_BINDING_FAILED
from core.records import Port, PortBinding


def with_attributes(port: Port, attributes: Mapping[str, Any], strategy: BindingStrategy) -> Port:
    """The port with an update's checked attributes, as the strategy takes them."""
    host, vnic_type, profile = strategy.input_change.inputs(port.binding, attributes)
    changed = with_inputs(
        port, host=host, vnic_type=vnic_type, profile=profile, forced=strategy.input_change.forces(attributes),
        resets_failed=strategy.update_resets_failed, sets_down=strategy.unbinding_sets_down,
    )  # fmt: skip
    plain = {name: value for name, value in attributes.items() if not name.startswith("binding:")}
    return changed._replace(**plain)


def with_inputs(
    port: Port, *, host: str, vnic_type: str, profile: str, forced: bool = False, resets_failed: bool = True,
    sets_down: bool = True,
) -> Port:  # fmt: skip
    """The port with these binding inputs; unbound, with a new generation, if they differ from its own or if `forced`.

    A port without a successful binding becomes 'unbound' in any case (cases 3b and 3d), with `resets_failed`. Unbinding
    sets status DOWN, with `sets_down`.
    """
    binding = port.binding
    differs = binding.inputs != (host, vnic_type, profile)
    if differs or forced:
        generation = binding.generation + (differs or binding.is_successful)
        changed = binding._replace(host=host, vnic_type=vnic_type, profile=profile, generation=generation).unbound()
        return port.with_binding(changed, status=STATUS_DOWN if binding.is_successful and sets_down else None)
    if binding.is_successful or not resets_failed:
        return port
    return port._replace(binding=binding.unbound())


def with_result(port: Port, attempt: Attempt) -> Port:
    """The port with what bind_port gave: a successful binding and a new generation, or 'binding_failed'."""
    result = attempt.result
    if result is None:
        return port._replace(binding=port.binding.unbound()._replace(vif_type=VIF_TYPE_BINDING_FAILED))
    before = port.binding
    binding = PortBinding(
        *before.inputs,
        result.vif_type,
        result.vif_details,
        attempt.driver,
        result.segment_id,
        result.upper_levels,
        before.generation + 1,
    )
    return port.with_binding(binding, status=result.status)
