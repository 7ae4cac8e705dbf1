"""Runs on disk until their warm-up is known: then they are measured again, without what came before its end.

Used by sim.experiment.rounds for `horizon.kind: steady_state` without a given warm-up. The alternative, running again,
would cost the whole simulation a second time; packing (in the workers, compressed as fast as zlib can), unpacking, and
measuring again cost 1.5 %, 0.7 % and 0.6 % of it for 6,000 operations (`python tests/sim/experiment/measure_spool.py`).
One run is in memory at a time, in the parent.
"""

import pickle
import tempfile
import zlib
from dataclasses import fields
from pathlib import Path
from types import TracebackType
from typing import Self

from sim.metrics import RunFacts

_FASTEST = 1  # zlib's level


def packed(facts: RunFacts) -> bytes:
    """The facts alone (no history), compressed. Called in the worker that ran them."""
    plain = RunFacts(**{each.name: getattr(facts, each.name) for each in fields(RunFacts)})
    return zlib.compress(pickle.dumps(plain, protocol=pickle.HIGHEST_PROTOCOL), _FASTEST)


def unpacked(data: bytes) -> RunFacts:
    """What was packed, by this process or one of its workers."""
    facts = pickle.loads(zlib.decompress(data))
    if not isinstance(facts, RunFacts):
        raise TypeError(f"the spool holds a {type(facts).__name__}, not a run")
    return facts


class Spool:
    """A temporary folder with packed runs by strategy and replication. Use it in a `with`; then it is gone."""

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="bindsim-")
        self._places: dict[tuple[str, int], Path] = {}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._folder.cleanup()

    def put(self, strategy: str, replication: int, data: bytes) -> None:
        """Keeps a run."""
        path = Path(self._folder.name) / str(len(self._places))
        path.write_bytes(data)
        self._places[strategy, replication] = path

    def get(self, strategy: str, replication: int) -> RunFacts:
        """A run that was kept; KeyError for one that was not."""
        return unpacked(self._places[strategy, replication].read_bytes())
