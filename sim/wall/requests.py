"""Requests on their way to an API process: what performing one needs, as plain types."""

from typing import Any

from sim.model.requests import Chain, Request
from sim.model.steps import Step


def packed(request: Request) -> tuple[Any, ...]:
    """A request as it is sent."""
    step, chain = request.step, request.chain
    return (
        step.kind, step.class_name, step.binds, step.changes, step.filters, step.status, step.value,
        chain.arrival, chain.tenant, chain.client, request.operation, request.original, request.port, request.host,
    )  # fmt: skip


def unpacked(sent: tuple[Any, ...]) -> Request:
    """The request that `packed` made it of, without what clients keep of it."""
    kind, class_name, binds, changes, filters, status, value, *rest = sent
    arrival, tenant, client, operation, original, port, host = rest
    step = Step(kind, class_name, 0, binds=binds, changes=changes, filters=filters, status=status, value=value)
    chain = Chain(arrival, tenant, client)
    request = Request(step, chain, operation=operation, port=port, host=host, intended_us=-1)
    request.original = original
    return request
