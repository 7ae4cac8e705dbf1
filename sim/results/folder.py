"""A result folder: what names it, when it may be replaced, how it is checked.

Used by the writer and the reader.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sim.metrics import Tables

SCHEMA_VERSION = 1
_REPLICATIONS = 10  # of most verbs, when nobody says how many
_FEW_REPLICATIONS = {"run": 1, "break_even": 5}  # of the others
TABLES = tuple(table.name for table in Tables.empty().all())


class ResultError(Exception):
    """A result folder cannot be written or read. The message says which, why, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunIdentity:
    """What makes two results the same run: one may replace the other without being told to.

    `precision` holds what decided the number of replications (share, metrics, most) where that was not given.
    """

    scenario: str
    scenario_hash: str  # 8 hexadecimal digits of the resolved form
    verb: str
    seed: int
    replications: int | None
    strategies: tuple[str, ...]
    first_replication: int = 0
    precision: dict[str, Any] | None = None
    experiment: dict[str, Any] = field(default_factory=dict)  # what else was asked for: what is varied, and so on

    @property
    def folder_name(self) -> str:
        """`<scenario>-<verb>-<seed>-<hash>`.

        The seed is followed by what is not as usual: r and the first replication, n and the number of replications,
        p and the precision with m and its limit.
        """
        return f"{self.scenario}-{self.verb}-{self.seed}{self._unusual}-{self._hash}"

    @property
    def _unusual(self) -> str:
        first = f"r{self.first_replication}" if self.first_replication else ""
        if self.precision is not None:
            return f"{first}p{self.precision['share']:g}m{self.precision['most']}"
        usual = _FEW_REPLICATIONS.get(self.verb, _REPLICATIONS)
        return first if self.replications == usual else f"{first}n{self.replications}"

    @property
    def _hash(self) -> str:
        """The scenario's; with an experiment that of both."""
        if not self.experiment:
            return self.scenario_hash
        text = json.dumps([self.scenario_hash, self.experiment], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:8]

    def data(self) -> dict[str, Any]:
        """As it stands in a manifest."""
        data = {**asdict(self), "strategies": list(self.strategies)}
        return {name: value for name, value in data.items() if value or name not in ("precision", "experiment")}


def default_folder(identity: RunIdentity) -> Path:
    """Where results go when nobody says where."""
    return Path("results") / "local" / identity.folder_name


def check_replaceable(folder: Path, identity: RunIdentity, *, force: bool) -> bool:
    """Whether there is a result to replace. Raises ResultError when it must not be replaced."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return folder.exists()
    if not (folder / "manifest.json").is_file():
        raise ResultError(f"{folder} exists and is no result of bindsim; name another folder with --output")
    if not force and _identity_in(folder) != identity.data():
        raise ResultError(f"{folder} holds a different result; use --force to replace it, or another --output")
    return True


def _identity_in(folder: Path) -> object:
    """What identifies the run whose result is there; None when nobody can tell."""
    try:
        return read_manifest(folder).get("run")
    except ResultError:
        return None


def digest(path: Path) -> dict[str, Any]:
    """Size and hash of a file, as the manifest lists them."""
    content = path.read_bytes()
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a result. Raises ResultError when the folder is none."""
    if not (folder / "manifest.json").is_file():
        raise ResultError(f"{folder} is no result of bindsim: it has no manifest.json")
    return read_json(folder / "manifest.json")


def read_json(path: Path) -> dict[str, Any]:
    """The mapping in a JSON file. Raises ResultError when it is none."""
    try:
        data = json.loads(path.read_text())
    except (OSError, ValueError) as problem:
        raise ResultError(f"{path} cannot be read: {problem}; run the command again") from None
    if not isinstance(data, dict):
        raise ResultError(f"{path} cannot be read: it holds no mapping; run the command again")
    return data
