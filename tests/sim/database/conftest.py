"""Fixtures of the modelled database's tests: a kernel, and worlds in which scripted clients meet."""

from collections.abc import Callable, Iterator

import pytest

from sim.kernel import Kernel
from tests.sim.database.scripted import World


@pytest.fixture
def kernel() -> Iterator[Kernel]:
    with Kernel() as kernel:
        yield kernel


@pytest.fixture
def make_world(kernel: Kernel) -> Callable[..., World]:
    return lambda *args, **options: World(kernel, *args, **options)


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    return make_world()
