"""How a port changes when its inputs, a binding's result or its removal are applied. Pure functions over records."""

from core.binding.attempt import Attempt
from core.constants import STATUS_DOWN, VIF_TYPE_BINDING_FAILED
from core.records import Port, PortBinding


def with_inputs(port: Port, *, host: str, vnic_type: str, profile: str) -> Port:
    """The port with these binding inputs; unbound, with a new generation, if they differ from its own.

    A port without a successful binding becomes 'unbound' in any case (cases 3b and 3d). Unbinding sets status DOWN.
    """
    binding = port.binding
    if binding.inputs != (host, vnic_type, profile):
        status = STATUS_DOWN if binding.is_successful else port.status
        changed = binding._replace(
            host=host, vnic_type=vnic_type, profile=profile, generation=binding.generation + 1
        ).unbound()
        return port._replace(status=status, binding=changed)
    if binding.is_successful:
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
        before.generation + 1,
    )
    return port.with_binding(binding, status=result.status)
