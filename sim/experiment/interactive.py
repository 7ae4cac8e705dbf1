"""compare, sweep and plan for people who call them from Python: with a progress bar where somebody sees it.

`from sim import compare, sweep, plan` gives these. They do what those of sim.experiment do and take `progress` besides:
True shows a bar on the terminal (standard error) or in the notebook, False shows none, and None, the default, shows one
in a notebook only. Where a notebook cannot show one (ipywidgets is missing) there is none. The environment variable
BINDSIM_PROGRESS=off turns the default off, for notebooks that are executed by a program.
"""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from sim.experiment import comparing
from sim.experiment.comparison import Comparison
from sim.experiment.progress import OnProgress, Progress
from sim.scenario import Scenario

if TYPE_CHECKING:
    from sim.experiment.planning.plan import Plan
    from sim.experiment.sweeps import Sweep

SWITCH = "BINDSIM_PROGRESS"


def compare(
    scenario: Scenario | str | None = None, *, strategies: Sequence[str] | None = None, progress: bool | None = None,
    **asked: Any,
) -> "Comparison | comparing.StandardComparison":  # fmt: skip
    """sim.experiment.compare with a progress bar."""
    with bar(_title(scenario, "standard comparison"), progress=progress) as listener:
        return comparing.compare(scenario, strategies=strategies, **_listening(asked, listener))


def sweep(
    scenario: Scenario | str, *, vary: "Mapping[str, Any] | Sequence[Any] | None" = None,
    strategies: Sequence[str] | None = None, progress: bool | None = None, **asked: Any,
) -> "Sweep":  # fmt: skip
    """sim.experiment.sweeps.sweep with a progress bar."""
    from sim.experiment import sweeps

    with bar(_title(scenario, "sweep"), progress=progress) as listener:
        return sweeps.sweep(scenario, vary=vary, strategies=strategies, **_listening(asked, listener))


def plan(scenario: Scenario | str, *, progress: bool | None = None, **asked: Any) -> "Plan":
    """sim.experiment.planning.planner.plan with a progress bar for each of its stages. `slo` may be one objective."""
    from sim.experiment.planning import planner

    if isinstance(asked.get("slo"), str):
        asked["slo"] = (asked["slo"],)
    if isinstance(asked.get("vary"), Mapping):
        asked["vary"] = _axes(asked["vary"])
    if is_shown(progress=progress) and "settings" not in asked:
        asked.setdefault("stage", lambda title: bar(title, progress=progress))
    return planner.plan(scenario, **asked)


def _axes(vary: Mapping[str, Any]) -> tuple[Any, ...]:
    from sim.scenario.experiments.varying import axis_from

    return tuple(axis_from({path: values}) for path, values in vary.items())


def _title(scenario: Scenario | str | None, otherwise: str) -> str:
    return scenario.name if isinstance(scenario, Scenario) else scenario or otherwise


def _listening(asked: dict[str, Any], listener: OnProgress | None) -> dict[str, Any]:
    """What is asked, with the listener where nobody else listens."""
    settings = asked.get("settings")
    if listener is None or (settings is not None and settings.on_progress is not None):
        return asked
    if settings is not None:
        return {**asked, "settings": replace(settings, on_progress=listener)}
    return {"on_progress": listener, **asked}


# the bar


def is_shown(*, progress: bool | None = None) -> bool:
    """Whether a bar is wanted and can be shown."""
    if progress is None:
        progress = in_notebook() and os.environ.get(SWITCH) != "off"
    return progress and not (in_notebook() and find_spec("ipywidgets") is None)


def in_notebook() -> bool:
    """Whether this is a kernel of IPython, behind a notebook."""
    shell = sys.modules.get("IPython")
    if shell is None or "ipykernel" not in sys.modules:
        return False
    return type(shell.get_ipython()).__name__ == "ZMQInteractiveShell"


@contextmanager
def bar(title: str, *, progress: bool | None = None) -> Iterator[OnProgress | None]:
    """A listener that draws a bar until the block ends; None where none is wanted."""
    if not is_shown(progress=progress):
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar

    console = Console() if in_notebook() else Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=20), TextColumn("{task.fields[reading]}"))
    with Bar(*columns, console=console, transient=True) as shown:
        task = shown.add_task(title, total=1.0, reading="")
        yield lambda reading: shown.update(task, completed=reading.share, reading=in_words(reading))


def in_words(reading: Progress) -> str:
    """The reading in one line."""
    left = "" if reading.left_s is None else f", {round(reading.left_s):,} s left"
    return f"{reading.replications_done}/{reading.replications} runs{left}"
