"""What the coordinator makes of what the API processes say."""

from collections.abc import Iterator
from multiprocessing import Pipe
from pathlib import Path
from typing import cast

import pytest

from sim.running import chosen_strategy
from sim.servers import RunDatabase
from sim.wall.crew import Life, Thread
from sim.wall.system import WallSystem
from sim.wall.wire import ANSWER, WORKER
from tests.sim.wall.on_sqlite import SqliteDatabase, small


class _Process:
    """An operating-system process that need not be."""

    def kill(self) -> None: ...

    def join(self, timeout_s: float | None = None) -> None: ...


@pytest.fixture
def system(tmp_path: Path) -> Iterator[WallSystem]:
    scenario = small(workload={"arrivals": {"storm": {"count": 1, "at_s": 0}}})
    database = cast(RunDatabase, SqliteDatabase(tmp_path))
    made = WallSystem(
        scenario, chosen_strategy(scenario, "deferred"), seed=1, database=database, folder=tmp_path, history=False
    )
    yield made
    made.close()


def _serving(system: WallSystem) -> Thread:
    life = system.crew.lives[0] = Life(0, 0, _Process())
    connection, _ = Pipe()
    thread = Thread(connection, life, WORKER, 0)
    system.crew._selector.register(connection, 1, thread)
    life.threads, life.serves = [thread], True
    life.idle.append(thread)
    return thread


def _outcomes(system: WallSystem) -> list[str]:
    table = system.tables.operations
    return [table.codes("outcome").names[code] for code in table.column("outcome").tolist()]


def test_an_answer_that_was_read_before_its_process_was_killed_comes_too_late(system: WallSystem) -> None:
    thread = _serving(system)
    system.load.start()
    system.kernel.run(until_us=1)
    request = thread.request
    assert request is not None
    answer = (ANSWER, request.operation, "ok", None, True, 0)
    system.crash(thread.life)
    system.hear(thread, answer)
    system.hear(thread, None)
    assert _outcomes(system) == ["died"]
