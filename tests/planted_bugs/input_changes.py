"""Bugs of changed binding inputs: what happens to the binding, its generation and the status."""

import core.binding.changes
from core.constants import STATUS_DOWN
from core.records import Port
from tests.planted_bugs.planted import AFTER_COMMIT, EVERY, Edit, PlantedBug


def _forgets_to_unbind(port: Port, *, host: str, vnic_type: str, profile: str, **_rules: bool) -> Port:
    binding = port.binding
    if binding.inputs != (host, vnic_type, profile):
        status = STATUS_DOWN if binding.is_successful else port.status
        changed = binding._replace(
            host=host, vnic_type=vnic_type, profile=profile, generation=binding.generation + 1
        )  # WRONG: the old result must go
        return port._replace(status=status, binding=changed)
    if binding.is_successful:
        return port
    return port._replace(binding=binding.unbound())


def _counts_only_removed_bindings(port: Port, *, host: str, vnic_type: str, profile: str, **_rules: bool) -> Port:
    binding = port.binding
    if binding.inputs != (host, vnic_type, profile):
        status = STATUS_DOWN if binding.is_successful else port.status
        generation = binding.generation + int(binding.is_successful)  # WRONG: every change of an input counts
        changed = binding._replace(host=host, vnic_type=vnic_type, profile=profile, generation=generation).unbound()
        return port._replace(status=status, binding=changed)
    if binding.is_successful:
        return port
    return port._replace(binding=binding.unbound())


def _leaves_the_status(port: Port, *, host: str, vnic_type: str, profile: str, **_rules: bool) -> Port:
    binding = port.binding
    if binding.inputs != (host, vnic_type, profile):
        changed = binding._replace(
            host=host, vnic_type=vnic_type, profile=profile, generation=binding.generation + 1
        ).unbound()
        return port._replace(binding=changed)  # WRONG: a port that is no longer bound is DOWN
    if binding.is_successful:
        return port
    return port._replace(binding=binding.unbound())


BUGS = (
    PlantedBug(
        "unbinding forgotten",
        "In case 3d the inputs change and the binding that was computed from the old ones stays.",
        ("freshness", "contract"),
        EVERY,
        (Edit(core.binding.changes, "with_inputs", _forgets_to_unbind),),
    ),
    PlantedBug(
        "generation not raised on an unbound port",
        "A changed input raises the generation only when it removes a binding, so an attempt under way is not refused.",
        ("freshness", "outcome", "contract"),
        AFTER_COMMIT,
        (Edit(core.binding.changes, "with_inputs", _counts_only_removed_bindings),),
    ),
    PlantedBug(
        "status left when unbound",
        "An update that unbinds a port leaves its status ACTIVE (Neutron's bug 1483601).",
        ("contract",),
        EVERY,
        (Edit(core.binding.changes, "with_inputs", _leaves_the_status),),
    ),
)
