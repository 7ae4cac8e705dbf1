"""A scenario's variants as compositions of the core's policies."""

from typing import Any

import pytest

from sim.model.strategies import compose
from sim.scenario import Strategy


@pytest.mark.parametrize(
    ("settings", "reads_bind", "process_lock"),
    [
        ("in-transaction", False, False),
        ("deferred", True, False),
        ("serialized", True, False),
        ({"name": "semaphore", "base": "in-transaction", "process_lock": True}, False, True),
        ({"name": "quiet", "base": "deferred", "reads_bind": False}, False, False),
    ],
)
def test_a_variant_has_its_name_and_settings(settings: Any, reads_bind: bool, process_lock: bool) -> None:
    variant = Strategy.model_validate(settings)
    made = compose(variant)
    assert (made.name, made.reads_bind, made.process_lock) == (variant.name, reads_bind, process_lock)
