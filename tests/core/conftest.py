"""Fixtures of the core's tests: a world for a strategy."""

from collections.abc import Callable
from typing import Any

import pytest

from core.binding import DEFERRED, IN_TRANSACTION, SERIALIZED, BindingStrategy
from tests.core.worlds import World

BY_NAME = {strategy.name: strategy for strategy in (DEFERRED, SERIALIZED, IN_TRANSACTION)}


@pytest.fixture
def world() -> World:
    """A world with deferred binding and one driver that binds."""
    return World(DEFERRED)


@pytest.fixture(params=["deferred", "serialized"])
def after_commit(request: pytest.FixtureRequest) -> BindingStrategy:
    """Each strategy that binds after the commit."""
    return BY_NAME[request.param]


@pytest.fixture(params=["deferred", "serialized", "in-transaction"])
def strategy(request: pytest.FixtureRequest) -> BindingStrategy:
    """Every strategy."""
    return BY_NAME[request.param]


@pytest.fixture
def three(strategy: BindingStrategy) -> World:
    """Each strategy with three drivers, of which the last binds."""
    return World(strategy, drivers=("audit", "acl", "sdn"))


@pytest.fixture
def make_world() -> Callable[..., Any]:
    """For tests that need options."""
    return World
