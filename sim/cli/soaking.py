"""`bindsim soak`: how it is asked for, what it keeps, and what its exit status is. sim.soak does the work.

sim.cli.app calls it.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from sim.cli.looking import WIDTH, checked
from sim.cli.status import BROKEN, GOOD, INTERRUPTED, Refused, Status
from sim.experiment.pool import available_cores
from sim.report.soaking import print_soak
from sim.scenario import resolved_yaml
from sim.simulation import many_runs
from sim.soak import Key, OnProgress, Reading, Shrunk, SoakResult, SoakSettings, Tally, draw_case, play, soak
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
        runs = self.runs if self.runs is not None or self.minutes is not None else DEFAULT_RUNS
        draw = draw_from([checked(name, []) for name in self.scenarios]) if self.scenarios else draw_case
        return SoakSettings(
            runs=runs, minutes=self.minutes, jobs=self.jobs or available_cores(), seed=self.seed, draw=draw
        )


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
        typer.echo(json.dumps(_data(result, files), indent=2, ensure_ascii=True))
    else:
        print_soak(result, Console(width=WIDTH, highlight=False), files=files)
    if result.interrupted:
        return INTERRUPTED
    return BROKEN if result.failed else GOOD


def _keep(result: SoakResult, folder: Path) -> dict[Key, Path]:
    """Writes the shrunk cases as scenario files."""
    files = {}
    for key, shrunk in result.shrunk.items():
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{_file_name(key)}.yaml"
        file.write_text(_comment(shrunk, file) + resolved_yaml(shrunk.case.scenario()), encoding="utf-8")
        files[key] = file
    return files


def _file_name(key: Key) -> str:
    words = "".join(letter if letter.isalnum() else "-" for letter in "-".join(key).lower())
    return "-".join(word for word in words.split("-") if word)


def _comment(shrunk: Shrunk, file: Path) -> str:
    key = shrunk.key
    return f"# {key.property} of {key.strategy}: {key.cause}\n# bindsim run {file} --seed {shrunk.case.seed} --verify\n"


def _play_one(settings: SoakSettings, number: int, *, as_json: bool) -> Status:
    """One run: its scenario as a file, and every finding explained."""
    case = settings.draw(settings.seed, number)
    with many_runs():
        played = play(case)
    tally = Tally()
    tally.count(played, number)
    if as_json:
        found = [
            {"property": each.name, "cause": each.cause, "certain": each.certain, "says": each.says,
             "evidence": played.report.evidence(each)}
            for each in played.report.findings
        ]  # fmt: skip
        typer.echo(json.dumps({"seed": case.seed, "scenario": case.data, "findings": found}, indent=2))
    else:
        typer.echo(resolved_yaml(case.scenario()), nl=False)
        typer.echo(f"# seed {case.seed}\n")
        _tell(played.report.findings, played.report)
    return BROKEN if tally.broken else GOOD


def _tell(findings: Any, report: Any) -> None:
    for finding in findings:
        typer.echo(f"{finding.name}: {finding.cause}{'' if finding.certain else ' (not decided)'}")
        for line in report.evidence(finding):
            typer.echo(f"  {line}")
        typer.echo(f"  {finding.says}\n")
    if not findings:
        typer.echo("every property held")


def _data(result: SoakResult, files: dict[Key, Path]) -> dict[str, Any]:
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
             "smallest_run": group.smallest[1], "file": str(files[key]) if key in files else None}
            for key, group in sorted(tally.groups.items())
        ],
        "coverage": {line: tally.coverage[line] for line in tally.coverage},
        "uncovered": result.uncovered,
    }  # fmt: skip


@contextmanager
def _shown_progress(settings: SoakSettings) -> Iterator[OnProgress | None]:
    """A live line; None where nobody would see it."""
    if not sys.stderr.isatty():
        yield None
        return
    columns = (TextColumn("soak"), BarColumn(bar_width=16), TextColumn("{task.fields[reading]}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("soak", total=1.0, reading="")
        yield lambda reading: progress.update(task, completed=_share(reading), reading=in_words(reading))


def _share(reading: Reading) -> float:
    settings = reading.settings
    by_runs = reading.tally.runs / settings.runs if settings.runs else 0.0
    by_time = reading.passed_s / (60 * settings.minutes) if settings.minutes else 0.0
    return min(1.0, max(by_runs, by_time))


def in_words(reading: Reading) -> str:
    """The reading in one line."""
    tally = reading.tally
    findings = sum(group.findings for group in tally.groups.values())
    return (
        f"{tally.runs:,} runs ({reading.runs_per_s:,.0f}/s), {tally.operations:,} operations, {tally.faults:,} faults, "
        f"{tally.checked:,} checked, {len(tally.broken)} broken, {findings:,} findings"
    )
