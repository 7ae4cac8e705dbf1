"""Real servers for these tests: private ones, started once a pytest process, quick because they do not wait for a disk.

Where a server is not installed the test is skipped with the reason; `make test-databases` sets
BINDSIM_NEEDS_DATABASES, and then it fails.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from sim.servers import PRIVATE, NotInstalled, RunDatabase, opened


def _private(kind: str) -> Iterator[RunDatabase]:
    with ExitStack() as stack:
        try:
            database = stack.enter_context(opened(kind, durable=False))
        except NotInstalled as error:
            if os.environ.get("BINDSIM_NEEDS_DATABASES"):
                raise
            pytest.skip(str(error))
        yield database


@pytest.fixture(scope="session")
def postgresql() -> Iterator[RunDatabase]:
    """A private PostgreSQL. What a test makes in it, it removes."""
    yield from _private("postgresql")


@pytest.fixture(scope="session")
def mariadb() -> Iterator[RunDatabase]:
    """A private MariaDB. What a test makes in it, it removes."""
    yield from _private("mariadb")


@pytest.fixture(params=PRIVATE)
def database(request: pytest.FixtureRequest) -> RunDatabase:
    """Each of the two."""
    chosen: RunDatabase = request.getfixturevalue(request.param)
    return chosen
