"""OutcomeCache: replications that were run before, so that none is run twice.

Used by sweeps, screening and planning. A replication is named by all that decides its result: what the scenario says
about the run, the strategy, the seed, the draw and the code (sim.results.code_version). A cached outcome is
the same to the last digit as one that was just run, so the cache never changes a result. A damaged entry counts as
none. Nothing is ever deleted but by `clear`.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.experiment.jobs import Job, Outcome
from sim.metrics.measure import Values
from sim.results.code_version import code_version
from sim.scenario import Scenario, resolved

VARIABLE = "BINDSIM_CACHE"  # a folder, or 'off'
DEFAULT_FOLDER = Path("results") / "local" / "cache"
_FORMAT = 1  # of an entry; another number, and none of the old ones is read
# What a scenario says about reading a result, not about the run that gives it.
_READING = ("question", "strategies", "primary_metric", "min_effect", "thresholds", "published")


@dataclass(frozen=True, slots=True)
class OutcomeCache:
    """Entries in a folder, one file each. Without a folder it holds nothing and keeps nothing."""

    folder: Path | None

    @classmethod
    def usual(cls, *, wanted: bool = True) -> "OutcomeCache":
        """The one that the environment variable BINDSIM_CACHE names; results/local/cache when it names none."""
        named = os.environ.get(VARIABLE, "")
        if not wanted or named.lower() == "off":
            return cls(None)
        return cls(Path(named) if named else DEFAULT_FOLDER)

    def get(self, job: Job) -> Outcome | None:
        """What the job gave before; None when it has to be run."""
        if self.folder is None or not _can_be_kept(job):
            return None
        try:
            return _read(self._file(job).read_text(), job)
        except (OSError, ValueError, KeyError, TypeError):  # not there, or damaged
            return None

    def put(self, job: Job, outcome: Outcome) -> None:
        """Keeps what the job gave. A disk that is full or cannot be written only makes the next run slower."""
        if self.folder is None or not _can_be_kept(job):
            return
        try:
            _write(self._file(job), as_text(outcome_data(outcome)))
        except OSError:
            return

    def run(self, job: Job, run: Callable[[Job], Outcome]) -> Outcome:
        """The job's outcome: from here, or run and kept."""
        found = self.get(job)
        if found is None:
            found = run(job)
            self.put(job, found)
        return found

    def clear(self) -> int:
        """Deletes all entries; how many there were."""
        if self.folder is None or not self.folder.is_dir():
            return 0
        entries = list(self.folder.glob("??/*.json"))
        for each in {entry.parent for entry in entries}:
            shutil.rmtree(each)
        return len(entries)

    def _file(self, job: Job) -> Path:
        assert self.folder is not None
        name = key_of(job)
        return self.folder / name[:2] / f"{name[2:]}.json"


def key_of(job: Job) -> str:
    """64 hexadecimal digits that change with anything that decides the job's outcome."""
    variant = next((each for each in job.scenario.strategies if each.name == job.strategy), None)
    named = {
        "format": _FORMAT,
        "code": code_version(),
        "strategy": [job.strategy, None if variant is None else variant.model_dump(mode="json")],
        "seed": job.seed,
        "draw": job.draw,
        "scenario": _digest(job.scenario),
    }
    return hashlib.sha256(json.dumps(named, sort_keys=True).encode()).hexdigest()


_digests: dict[int, tuple[Scenario, str]] = {}  # by identity: the jobs of a point share one scenario
_MOST_DIGESTS = 1000


def _digest(scenario: Scenario) -> str:
    """The hash of what the scenario says about the run; computed once a scenario."""
    known = _digests.get(id(scenario))
    if known is None or known[0] is not scenario:
        if len(_digests) >= _MOST_DIGESTS:
            _digests.clear()
        text = json.dumps(_deciding(scenario), sort_keys=True)
        known = _digests[id(scenario)] = (scenario, hashlib.sha256(text.encode()).hexdigest())
    return known[1]


def _deciding(scenario: Scenario) -> dict[str, Any]:
    """The resolved form without what is about reading the result. The content of a trace is in its sha256."""
    return {key: value for key, value in resolved(scenario).items() if key not in _READING}


def _can_be_kept(job: Job) -> bool:
    return not (job.keep_tables or job.keep_facts or job.needs_history)


def outcome_data(outcome: Outcome) -> dict[str, Any]:
    """An outcome without tables as plain data; `outcome_of` makes the same outcome of it."""
    return {
        "strategy": outcome.strategy,
        "replication": outcome.replication,
        "values": outcome.values.values,
        "reasons": outcome.values.reasons,
        "outcome": outcome.outcome,
        "saturated_from_us": outcome.saturated_from_us,
        "unfinished": outcome.unfinished,
        "stall": list(outcome.stall),
        "virtual_us": outcome.virtual_us,
    }


def outcome_of(data: dict[str, Any]) -> Outcome:
    """The outcome that `outcome_data` wrote. KeyError or TypeError for data that it did not write."""
    return Outcome(
        strategy=data["strategy"],
        replication=data["replication"],
        values=Values(dict(data["values"]), dict(data["reasons"])),
        outcome=data["outcome"],
        saturated_from_us=data["saturated_from_us"],
        unfinished=data["unfinished"],
        stall=tuple(data["stall"]),
        virtual_us=data["virtual_us"],
        tables=None,
    )


def as_text(data: dict[str, Any]) -> str:
    """Two lines: the hash of the second, and the data."""
    body = json.dumps(data, separators=(",", ":"), ensure_ascii=True)
    return f"{hashlib.sha256(body.encode()).hexdigest()}\n{body}\n"


def _read(text: str, job: Job) -> Outcome:
    digest, _, rest = text.partition("\n")
    body = rest.removesuffix("\n")
    if hashlib.sha256(body.encode()).hexdigest() != digest:
        raise ValueError("damaged")
    # The name in the results is the asking job's: the same replication may have another label elsewhere.
    return outcome_of({**json.loads(body), "strategy": job.label, "replication": job.replication})


def _write(file: Path, text: str) -> None:
    """Whole or not at all, whoever else writes the same."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.parent / f".{file.name}.{os.getpid()}.partial"
    try:
        partial.write_text(text)
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)
