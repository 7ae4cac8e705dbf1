"""A request is the same on both sides of a process's border."""

import marshal

import pytest

from sim.model.requests import Chain, Request
from sim.model.steps import Step
from sim.wall.requests import packed, unpacked

_SENT = ("binds", "changes", "class_name", "filters", "kind", "status", "value")


@pytest.mark.parametrize("original", [7, 3])
def test_what_performing_it_needs_arrives(original: int) -> None:
    step = Step("update_port", "rebind", 2, binds=True, changes="host", filters="", status="BUILD", value="host-3")
    request = Request(step, Chain(5, 2, 11), operation=7, port=4, host=3, intended_us=1_000)
    request.original = original
    arrived = unpacked(marshal.loads(marshal.dumps(packed(request))))
    assert [getattr(arrived.step, name) for name in _SENT] == [getattr(step, name) for name in _SENT]
    assert (arrived.chain.arrival, arrived.chain.tenant, arrived.chain.client) == (5, 2, 11)
    assert (arrived.operation, arrived.original, arrived.port, arrived.host) == (7, original, 4, 3)
