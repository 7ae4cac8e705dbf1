"""Players of scripts on the two real engines, at READ COMMITTED."""

from collections.abc import Iterator

import pytest

from sim.servers import PRIVATE
from tests.real_db.interleavings.on_engine import EnginePlayer, superuser_of


@pytest.fixture(scope="module")
def postgresql_player(postgresql) -> Iterator[EnginePlayer]:
    player = EnginePlayer(superuser_of(postgresql).engine)
    yield player
    player.close()


@pytest.fixture(scope="module")
def mariadb_player(mariadb) -> Iterator[EnginePlayer]:
    player = EnginePlayer(superuser_of(mariadb).engine)
    yield player
    player.close()


@pytest.fixture(params=PRIVATE)
def engine_name(request: pytest.FixtureRequest) -> str:
    """postgresql or mariadb."""
    name: str = request.param
    return name


@pytest.fixture
def player(engine_name: str, request: pytest.FixtureRequest) -> EnginePlayer:
    """Plays on the engine with that name."""
    chosen: EnginePlayer = request.getfixturevalue(f"{engine_name}_player")
    return chosen
