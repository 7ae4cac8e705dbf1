"""What the tests of faults share: a whole run of a tiny scenario, and what was told of its faults."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from core.records import Port
from sim.kernel import Draws
from sim.model.commits import committed_ports
from sim.model.engine import Ending, Engine
from sim.model.system import System
from sim.scenario import Strategy, builtin
from tests.sim.model.tiny import tiny

ONE = {"storm": {"at_s": 0, "count": 1}}


class Told:
    """What the recorder hears of faults, with seconds."""

    def __init__(self, system: System) -> None:
        self.lines: list[str] = []
        self._count, self._kernel = system.recorder.fault, system.kernel
        system.recorder.fault = self._hear  # type: ignore[method-assign]

    def _hear(self, kind: str, detail: str, process: int = -1) -> None:
        self._count(kind, detail, process)
        where = f" in api-{process}" if process >= 0 else ""
        self.lines.append(f"{self._kernel.now():g} {kind}{where}: {detail}")


class Outcome:
    """One run that has ended."""

    def __init__(self, system: System, ending: Ending, told: Told) -> None:
        self.system = system
        self.ending = ending
        self.told = told.lines
        self.ports: dict[int, Port] = {int(p.device_id[3:]): p for p in committed_ports(system.server).values()}
        self.entries = {token: entry for name in system.controllers for token, entry in self._entries(name)}

    def _entries(self, name: str) -> Iterator[tuple[str, Any]]:
        for _, entry in self.system.controllers[name].table.entries():
            yield entry.token, entry

    def operations(self, *columns: str) -> list[tuple[Any, ...]]:
        """Rows of the table of operations, in the order of their ends."""
        frame = self.system.tables.operations.frame()
        return list(frame[list(columns)].itertuples(index=False, name=None))

    def conflicts(self) -> list[tuple[str, str]]:
        """Transaction and kind of every conflict."""
        frame = self.system.tables.conflicts.frame()
        return list(frame[["transaction", "kind"]].itertuples(index=False, name=None))


@contextmanager
def ran(strategy: str | Strategy = "deferred", *, seed: int = 1, **changes: Any) -> Iterator[Outcome]:
    """A whole run; without arrivals of its own one operation comes at 0 s."""
    changes["workload"] = {"arrivals": ONE, **changes.get("workload", {})}
    variant = builtin(strategy) if isinstance(strategy, str) else strategy
    system = System(tiny(**changes), variant, draws=Draws(seed))
    told = Told(system)
    try:
        yield Outcome(system, Engine(system).run(), told)
    finally:
        system.close()
