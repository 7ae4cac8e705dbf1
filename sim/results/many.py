"""Several result folders read as one: `from sim import load_runs`. It changes nothing on disk."""

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.results.folder import ResultError
from sim.results.reader import LoadedRun, load_run

if TYPE_CHECKING:
    import pandas as pd


class LoadedRuns:
    """Results side by side. A table is that of all of them, its first column `result` naming the folder.

    `results` has each LoadedRun by that name, in the order in which they were given or, of a folder, by name.
    """

    def __init__(self, results: dict[str, LoadedRun]) -> None:
        self.results = results

    @cached_property
    def manifest(self) -> dict[str, dict[str, Any]]:
        """Each result's manifest.json."""
        return {name: result.manifest for name, result in self.results.items()}

    @cached_property
    def details(self) -> dict[str, dict[str, Any]]:
        """Each result's summary.json."""
        return {name: result.details for name, result in self.results.items()}

    @cached_property
    def summary(self) -> "pd.DataFrame":
        """The rows of every summary.csv."""
        return self._together(lambda result: result.summary)

    def table(self, name: str) -> "pd.DataFrame":
        """One table of all results. Raises ResultError for a name that one of them does not have."""
        return self._together(lambda result: result.table(name))

    def _together(self, read: Callable[[LoadedRun], "pd.DataFrame"]) -> "pd.DataFrame":
        import pandas as pd

        frames = {name: read(result) for name, result in self.results.items()}
        for name, frame in frames.items():
            frames[name] = frame.copy()
            frames[name].insert(0, "result", name)
        return pd.concat(list(frames.values()), ignore_index=True)

    operations = cached_property(lambda self: self.table("operations"))
    attempts = cached_property(lambda self: self.table("attempts"))
    transactions = cached_property(lambda self: self.table("transactions"))
    driver_calls = cached_property(lambda self: self.table("driver_calls"))
    lock_waits = cached_property(lambda self: self.table("lock_waits"))
    levels = cached_property(lambda self: self.table("levels"))
    conflicts = cached_property(lambda self: self.table("conflicts"))

    def __len__(self) -> int:
        return len(self.results)

    def __iter__(self) -> Iterator[LoadedRun]:
        return iter(self.results.values())

    def __repr__(self) -> str:
        return f"<{len(self)} results: {', '.join(self.results)}>"

    def _repr_html_(self) -> str:
        from sim.metrics.html import page_table

        rows = [{"result": name, **_shown(manifest["run"])} for name, manifest in self.manifest.items()]
        return page_table(rows)


def load_runs(folders: str | Path | Iterable[str | Path]) -> LoadedRuns:
    """Read several results: those in a folder, at whatever depth, or those that are named.

    Raises ResultError when there is none, or when a file of one is missing or has been changed.
    """
    if isinstance(folders, str | Path):
        root = Path(folders)
        found = {str(each.relative_to(root)): each for each in _results_in(root)}
    else:
        found = {str(each): Path(each) for each in folders}
    if not found:
        raise ResultError(f"there is no result of bindsim in {folders}")
    return LoadedRuns({_short(name): load_run(path) for name, path in found.items()})


def _results_in(root: Path) -> list[Path]:
    if not root.is_dir():
        raise ResultError(f"there is no folder {root}")
    found = (manifest.parent for manifest in root.rglob("manifest.json"))
    return sorted(each for each in found if not any(part.startswith(".") for part in each.relative_to(root).parts))


def _short(name: str) -> str:
    return Path(name).name if name == "." else name


def _shown(run: dict[str, Any]) -> dict[str, Any]:
    told = {key: run[key] for key in ("scenario", "verb", "seed", "replications")}
    return {**told, "strategies": ", ".join(run["strategies"])}
