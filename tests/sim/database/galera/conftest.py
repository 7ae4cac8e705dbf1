"""A cluster for each test."""

from collections.abc import Callable

import pytest

from sim.kernel import Kernel
from tests.sim.database.galera.clusters import ClusterWorld


@pytest.fixture
def make_cluster(kernel: Kernel) -> Callable[..., ClusterWorld]:
    return lambda **options: ClusterWorld(kernel, **options)


@pytest.fixture
def world(make_cluster: Callable[..., ClusterWorld]) -> ClusterWorld:
    return make_cluster()
