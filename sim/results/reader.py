"""Reading a result folder back as DataFrames: `from sim import load_run`. It changes nothing on disk."""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.history import History
from sim.results.folder import SCHEMA_VERSION, TABLES, ResultError, digest, read_json, read_manifest
from sim.results.history_files import HISTORY_FILES, has_history, load_history, saved_histories
from sim.results.parquet import file_name

if TYPE_CHECKING:
    import pandas as pd


class LoadedRun:
    """A result that was read back. Every table is a DataFrame, read when it is first asked for."""

    def __init__(self, folder: Path, manifest: dict[str, Any]) -> None:
        self.folder = folder
        self.manifest = manifest

    @property
    def origin(self) -> tuple[str, ...]:
        """The scenario as `bindsim run` is told it: a file or a name, with --set."""
        return tuple(self.manifest.get("origin") or (self.manifest["run"]["scenario"],))

    @cached_property
    def summary(self) -> "pd.DataFrame":
        """summary.csv: one row a metric and strategy."""
        import pandas as pd

        words = {"unit": str, "note": str}  # empty ones are words too, unlike empty numbers
        return pd.read_csv(self.folder / "summary.csv", converters=words)

    @cached_property
    def details(self) -> dict[str, Any]:
        """summary.json: the verdict, how each run ended, every replication's values."""
        return read_json(self.folder / "summary.json")

    def table(self, name: str) -> "pd.DataFrame":
        """One table, one row as in docs/results.md. Raises ResultError for a name that the result does not have."""
        names = (*TABLES, *HISTORY_FILES) if has_history(self.folder) else TABLES
        if name not in names:
            raise ResultError(f"there is no table '{name}'; the result has {', '.join(names)}")
        return self._read(name)

    def histories(self) -> list[tuple[str, int]]:
        """The strategy and replication of each history that was saved. Raises ResultError when there is none."""
        if not has_history(self.folder):
            raise ResultError(f"{self.folder} holds no history; run again with --history: {self.manifest['command']}")
        return saved_histories(self.folder)

    def history(self, strategy: str, replication: int = 0) -> History:
        """What a run recorded, for `sim.check`. Raises ResultError when it was not saved."""
        saved = self.histories()
        if (strategy, replication) not in saved:
            known = ", ".join(dict.fromkeys(name for name, _ in saved))
            told = f"{self.folder} holds no history of strategy '{strategy}', replication {replication}"
            raise ResultError(f"{told}; strategies: {known}; `histories()` lists all")
        return load_history(self.folder, strategy=strategy, replication=replication)

    def _read(self, name: str) -> "pd.DataFrame":
        import pandas as pd

        path = self.folder / file_name(name)
        try:
            return pd.read_parquet(path)
        except (OSError, ValueError) as problem:
            raise ResultError(f"{path} cannot be read: {problem}; run the command of the manifest again") from None

    operations = cached_property(lambda self: self.table("operations"))
    attempts = cached_property(lambda self: self.table("attempts"))
    transactions = cached_property(lambda self: self.table("transactions"))
    driver_calls = cached_property(lambda self: self.table("driver_calls"))
    lock_waits = cached_property(lambda self: self.table("lock_waits"))
    levels = cached_property(lambda self: self.table("levels"))
    conflicts = cached_property(lambda self: self.table("conflicts"))

    def _repr_html_(self) -> str:
        from sim.metrics.html import page_table, sentence

        run, details = self.manifest["run"], self.details
        told = details.get("sentence") or (details.get("verdict") or {}).get("sentence") or ""
        shown = {key: run[key] for key in ("scenario", "verb", "seed", "replications")}
        return sentence(told) + page_table([{**shown, "strategies": ", ".join(run["strategies"])}])

    def __repr__(self) -> str:
        run = self.manifest["run"]
        return f"<result of {run['verb']} {run['scenario']}, seed {run['seed']}, in {self.folder}>"


def load_run(folder: str | Path) -> LoadedRun:
    """Read a result folder.

    Raises ResultError when there is none, or when a file is missing or has been changed.
    """
    path = Path(folder)
    if not path.is_dir():
        raise ResultError(f"there is no folder {path}")
    manifest = read_manifest(path)
    if manifest.get("schema_version") != SCHEMA_VERSION:
        version = manifest.get("schema_version")
        raise ResultError(f"{path} has schema version {version}; this bindsim reads version {SCHEMA_VERSION}")
    for name, written in manifest.get("files", {}).items():
        _check_file(path / name, written)
    return LoadedRun(path, manifest)


def _check_file(path: Path, written: dict[str, Any]) -> None:
    if not path.is_file():
        raise ResultError(f"{path.parent} is damaged: {path.name} is missing; run the command again")
    if digest(path) != written:
        raise ResultError(f"{path.parent} is damaged: {path.name} is not what was written; run the command again")
