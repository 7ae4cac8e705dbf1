"""The two fixtures of the kernel's tests, in SimPy's manner: a kernel and a log to which processes append."""

from collections.abc import Iterator
from typing import Any

import pytest

from sim.kernel import Kernel


@pytest.fixture
def kernel() -> Iterator[Kernel]:
    with Kernel() as kernel:
        yield kernel


@pytest.fixture
def log() -> list[Any]:
    return []
