"""ResultDiff: all that changed between two results, as a plain object. `diff_results` makes it; the door has both."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sim.experiment.diffing.changes import Change, code_changes, run_changes, scenario_changes
from sim.experiment.diffing.differences import UNDECIDED, Difference, differences
from sim.experiment.diffing.noise import Noise, noise_of_spread, with_the_rest_of
from sim.experiment.diffing.series import matched, series_of
from sim.results import LoadedRun

_DRAWN_FROM = ("horizon", "workload", "topology")  # parts of a scenario that decide what each replication draws


@dataclass(frozen=True, kw_only=True)
class ResultDiff:
    """What changed from A to B. `same_files` are those that have the same bytes."""

    before: LoadedRun
    after: LoadedRun
    run: tuple[Change, ...]
    scenario: tuple[Change, ...]
    code: tuple[Change, ...]
    same_files: tuple[str, ...]
    paired: bool
    noise: Noise
    differences: tuple[Difference, ...]

    @property
    def is_same(self) -> bool:
        """Whether every file but the manifest has the same bytes in both."""
        files = [result.manifest.get("files", {}) for result in (self.before, self.after)]
        return len(self.same_files) == len(files[0]) == len(files[1])

    @property
    def changes(self) -> tuple[Difference, ...]:
        """The differences that are none of noise."""
        return tuple(each for each in self.differences if each.is_change)

    @property
    def regressions(self) -> tuple[Difference, ...]:
        """The changes for the worse."""
        return tuple(each for each in self.differences if each.is_regression)

    @property
    def within_noise(self) -> tuple[Difference, ...]:
        """Those that surely differ from zero, by less than the noise floor: no changes."""
        return tuple(each for each in self.differences if each.is_within_noise)

    @property
    def undecided(self) -> tuple[Difference, ...]:
        """The differences of which nothing can be said."""
        return tuple(each for each in self.differences if each.word == UNDECIDED)

    def data(self) -> dict[str, Any]:
        """As it stands in JSON."""
        return {
            "a": str(self.before.folder),
            "b": str(self.after.folder),
            "same": self.is_same,
            "run": [change.data() for change in self.run],
            "scenario": [change.data() for change in self.scenario],
            "code": [change.data() for change in self.code],
            "paired": self.paired,
            "noise": self.noise.source,
            "correction": "Holm",
            "changes": len(self.changes),
            "regressions": len(self.regressions),
            "within_noise": len(self.within_noise),
            "undecided": len(self.undecided),
            "differences": [each.data() for each in self.differences],
        }


def diff_results(
    before: LoadedRun, after: LoadedRun, *, metrics: Collection[str] | None = None, noise: Noise | None = None
) -> ResultDiff:
    """Compare two saved results of run, compare or sweep, `metrics` only (None: all that both have).

    Without `noise` the spread of the first one's replications tells how large it is. Raises ResultError for other
    results.
    """
    own = noise_of_spread(before)
    found = own if noise is None else with_the_rest_of(noise, own)
    pairs = matched(series_of(before), series_of(after))
    chosen = {key: pair for key, pair in pairs.items() if metrics is None or key.metric in metrics}
    paired = _drew_the_same(before, after)
    return ResultDiff(
        before=before, after=after, run=run_changes(before, after), scenario=scenario_changes(before, after),
        code=code_changes(before, after), same_files=_same_files(before, after), paired=paired, noise=found,
        differences=differences(chosen, {key: found.spread(key) for key in chosen}, paired=paired),
    )  # fmt: skip


def _drew_the_same(before: LoadedRun, after: LoadedRun) -> bool:
    runs = [result.manifest["run"] for result in (before, after)]
    asked = ("seed", "replications", "first_replication", "precision")
    drawn = [[result.manifest["scenario"].get(part) for part in _DRAWN_FROM] for result in (before, after)]
    known = all(run.get("replications") is not None for run in runs)  # with a precision the numbers may differ
    return known and all(runs[0].get(name) == runs[1].get(name) for name in asked) and drawn[0] == drawn[1]


def _same_files(before: LoadedRun, after: LoadedRun) -> tuple[str, ...]:
    one, other = (result.manifest.get("files", {}) for result in (before, after))
    return tuple(name for name in one if one[name] == other.get(name))
