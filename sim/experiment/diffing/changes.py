"""What differs between the scenarios and between the code of two results. Used by sim.experiment.diffing.result."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from sim.results import LoadedRun

_CODE = ("commit", "code")
_MACHINE = ("python", "system", "machine")  # of the host; the number of cores changes no result


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs: its path, as --set takes it, and both values; None where a side has none."""

    path: str
    before: Any
    after: Any

    def data(self) -> dict[str, Any]:
        """As it stands in JSON."""
        return asdict(self)


def run_changes(one: LoadedRun, other: LoadedRun) -> tuple[Change, ...]:
    """What was asked for: verb, seed, replications, strategies and so on."""
    return tuple(
        change for change in _changes(_asked(one), _asked(other), "") if not change.path.startswith("scenario_hash")
    )


def _asked(result: LoadedRun) -> dict[str, Any]:
    return {"strategies": [], **result.manifest["run"]}


def scenario_changes(one: LoadedRun, other: LoadedRun) -> tuple[Change, ...]:
    """Which fields of the resolved scenarios differ; their strategies are compared by name."""
    return tuple(_changes(one.manifest["scenario"], other.manifest["scenario"], ""))


def code_changes(one: LoadedRun, other: LoadedRun) -> tuple[Change, ...]:
    """Commit, code hash, packages, Python and machine."""
    return tuple(_changes(_code(one.manifest), _code(other.manifest), ""))


def _code(manifest: dict[str, Any]) -> dict[str, Any]:
    host = manifest.get("host", {})
    return {
        **{name: manifest.get(name) for name in _CODE},
        **{name: host.get(name) for name in _MACHINE},
        "packages": manifest.get("packages", {}),
    }


def _changes(before: Any, after: Any, path: str) -> Iterator[Change]:
    one, other = _named(before), _named(after)
    if one is None or other is None:
        if before != after:
            yield Change(path, before, after)
        return
    for key in dict.fromkeys((*one, *other)):
        yield from _changes(one.get(key), other.get(key), f"{path}.{key}" if path else key)


def _named(value: Any) -> dict[str, Any] | None:
    """The parts of a mapping, or of a list of mappings by their names or places; None for anything else."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        return {str(item.get("name", place)): item for place, item in enumerate(value)}
    return None
