"""`bindsim soak`: how it is asked for, what it keeps, and what its exit status is. sim.soak does the work.

sim.cli.app calls it.
"""

import json
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from sim.cli.looking import WIDTH, checked
from sim.cli.status import BROKEN, GOOD, INTERRUPTED, UNKNOWN, Refused, Status
from sim.experiment.pool import available_cores
from sim.report.soaking import in_words, print_soak, replay, told_run
from sim.scenario import resolved_yaml
from sim.simulation import many_runs
from sim.soak import LINES, Key, OnProgress, Played, Reading, Shrunk, SoakResult, SoakSettings, play, soak
from sim.soak.variants import draw_from

DEFAULT_RUNS = 1000


@dataclass(frozen=True, kw_only=True)
class SoakOrder:
    """What was asked for on the command line."""

    scenarios: Sequence[str]
    runs: int | None
    minutes: float | None
    jobs: int | None
    seed: int
    run: int | None
    output: Path | None
    json: bool

    def settings(self) -> SoakSettings:
        """ScenarioError for a scenario that cannot be used, Refused for options that contradict each other."""
        if self.runs is not None and self.minutes is not None:
            raise Refused("--runs and --minutes both say when to stop; give one of them")
        if self.run is not None and (self.runs is not None or self.minutes is not None):
            raise Refused("--run plays one run alone; leave out --runs and --minutes")
        runs = self.runs if self.runs is not None or self.minutes is not None else DEFAULT_RUNS
        drawn = SoakSettings(runs=runs, minutes=self.minutes, jobs=self.jobs or available_cores(), seed=self.seed)
        if not self.scenarios:
            return drawn
        draw = draw_from([checked(name, []) for name in self.scenarios])
        return replace(drawn, draw=draw, chunk=1, every_line=False)

    @property
    def command(self) -> str:
        """What plays the same cases, without how many."""
        files = "".join(f" --scenario {shlex.quote(name)}" for name in self.scenarios)
        return f"bindsim soak{files} --seed {self.seed}"


def soak_once(order: SoakOrder) -> Status:
    """Soaks, or plays one run of a soak."""
    settings = order.settings()
    if order.run is not None:
        return _play_one(settings, order.run, as_json=order.json)
    with _shown_progress(settings) as listener:
        result = soak(settings, on_progress=listener)
    folder = order.output or Path("results") / "local" / f"soak-{order.seed}"
    files = _keep(result, folder)
    if order.json:
        typer.echo(json.dumps(_data(result, files, order.command), indent=2))
    else:
        print_soak(result, Console(width=WIDTH, highlight=False), files=files, command=order.command)
    if result.interrupted:
        raise Refused("interrupted; the result is that of the runs so far", INTERRUPTED)
    return BROKEN if result.failed else GOOD


def _keep(result: SoakResult, folder: Path) -> dict[Key, Path]:
    """Writes the shrunk cases as scenario files."""
    files = {}
    for number, (key, shrunk) in enumerate(result.shrunk.items(), start=1):
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{number}-{_file_name(key)}.yaml"
        file.write_text(_comment(shrunk, file) + resolved_yaml(shrunk.case.scenario()), encoding="utf-8")
        files[key] = file
    return files


def _file_name(key: Key) -> str:
    """Short, so that the command that names the file fits a line; the file's first line has the cause."""
    words = "".join(letter if letter.isalnum() else "-" for letter in f"{key.property}-{key.strategy}".lower())
    return "-".join(word for word in words.split("-") if word)


def _comment(shrunk: Shrunk, file: Path) -> str:
    key, named = shrunk.key, shlex.quote(str(file))
    again = f"# bindsim run {named} --seed {shrunk.case.seed} --verify"
    return f"# {key.property} of {key.strategy}: {key.cause}\n{again}\n"


def _play_one(settings: SoakSettings, number: int, *, as_json: bool) -> Status:
    """One run: its scenario as a file, and every finding explained. The status is that of `run --verify`."""
    case = settings.draw(settings.seed, number)
    with many_runs():
        played = play(case)
    if as_json:
        found = [
            {"property": each.name, "cause": each.cause, "certain": each.certain, "says": each.says,
             "evidence": played.report.evidence(each)}
            for each in played.report.findings
        ]  # fmt: skip
        typer.echo(json.dumps({"seed": case.seed, "scenario": case.data, "findings": found}, indent=2))
    else:
        typer.echo(resolved_yaml(case.scenario()), nl=False)
        typer.echo("\n".join(told_run(played, file_name=f"soak-{settings.seed}-{number}.yaml")))
    return _status(played)


def _status(played: Played) -> Status:
    if played.report.broken:
        return BROKEN
    return UNKNOWN if any(verdict.word == "unknown" for verdict in played.report.promised) else GOOD


def _data(result: SoakResult, files: dict[Key, Path], command: str) -> dict[str, Any]:
    tally = result.tally
    return {
        "seed": result.settings.seed,
        "runs": tally.runs,
        "operations": tally.operations,
        "faults": tally.faults,
        "quiescent": tally.quiescent,
        "interrupted": result.interrupted,
        "verdicts": [
            {"strategy": strategy, "property": name, "word": word, "runs": count,
             "promised": (strategy, name) in tally.promised}
            for (strategy, name, word), count in sorted(tally.verdicts.items())
        ],
        "groups": [
            {**key._asdict(), "broken": group.is_broken, "findings": group.findings, "runs": group.runs,
             "smallest_run": group.smallest[1], "command": replay(result, key, command),
             "shrunk": _shrunk_data(result.shrunk[key], files[key]) if key in files else None}
            for key, group in sorted(tally.groups.items())
        ],
        "coverage": {line: tally.coverage[line] for line in LINES},
        "uncovered": result.uncovered,
    }  # fmt: skip


def _shrunk_data(shrunk: Shrunk, file: Path) -> dict[str, Any]:
    return {
        "file": str(file), "seed": shrunk.case.seed, "operations": shrunk.operations,
        "faults": len(shrunk.case.data.get("faults", ())), "evidence": list(shrunk.evidence), "says": shrunk.says,
        "command": f"bindsim run {shlex.quote(str(file))} --seed {shrunk.case.seed} --verify",
    }  # fmt: skip


@contextmanager
def _shown_progress(settings: SoakSettings) -> Iterator[OnProgress | None]:
    """A live line; None where nobody would see it."""
    if not sys.stderr.isatty():
        yield None
        return
    columns = (BarColumn(bar_width=8), TextColumn("{task.fields[reading]}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("soak", total=1.0, reading="")
        yield lambda reading: progress.update(task, completed=_share(reading), reading=in_words(reading))


def _share(reading: Reading) -> float:
    settings = reading.settings
    by_runs = reading.tally.runs / settings.runs if settings.runs else 0.0
    by_time = reading.passed_s / (60 * settings.minutes) if settings.minutes else 0.0
    return min(1.0, max(by_runs, by_time))
