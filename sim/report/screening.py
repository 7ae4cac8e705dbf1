"""The text of a screening: the largest effects on each output, within 80 columns. The command line calls it.

It reads a Screening and changes nothing.
"""

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from sim.experiment.sweeps import Screening
from sim.experiment.sweeps.effects import Effect
from sim.experiment.verdict import number
from sim.metrics.registry import lookup
from sim.report.folding import WIDTH, folded

_SHOWN = 10  # effects of an output; summary.csv has all
_PATH = 46  # columns
_WIDTHS = (8, 9, 8, 9)  # columns of value, mu*, its half-width, sigma


def print_screening(found: Screening, console: Console) -> None:
    """A table for each output, and what the words mean."""
    console.print(Text("\n".join(_heading(found)), style="bold"), soft_wrap=True)
    for output, effects in found.effects.items():
        console.print()
        console.print(Text(_header(output), style="bold"), soft_wrap=True)
        console.print("-" * WIDTH)
        for effect in effects[:_SHOWN]:
            console.print(Text(_line(effect)), soft_wrap=True)
        if len(effects) > _SHOWN:
            console.print(f"and {len(effects) - _SHOWN} smaller ones, in summary.csv")
    console.print()
    console.print(Text("\n".join(_footnotes(found))), soft_wrap=True)


def _heading(found: Screening) -> Iterator[str]:
    metric = lookup(found.over.metric)
    yield from folded(f"{found.over.scenario.name}: {found.over.scenario.question}")
    yield from folded(
        f"{len(found.over.factors)} assumptions by their effect on {metric.name} in {metric.unit or 'no unit'}."
    )


def _header(output: str) -> str:
    return f"{output:{_PATH}}{'value':>8}{'mu*':>9}{'+-':>8}{'sigma':>9}"


def _line(effect: Effect) -> str:
    path = effect.factor.path
    shown = path if len(path) <= _PATH else f"~{path[-_PATH + 1 :]}"
    numbers = (effect.factor.assumption.value, effect.mu_star, effect.mu_star_conf, effect.sigma)
    cells = ("-" if value is None else number(value) for value in numbers)
    return f"{shown:{_PATH}}" + "".join(f"{cell:>{width}}" for cell, width in zip(cells, _WIDTHS, strict=True))


def _footnotes(found: Screening) -> Iterator[str]:
    over = found.over
    times = f"{found.replications} replication{'' if found.replications == 1 else 's'}"
    yield from folded(
        f"Morris screening: {over.trajectories} trajectories, {len(over.points)} points, {times} "
        f"of each strategy: {found.run + found.cached:,} runs, seed {over.seed}. Each number goes from "
        f"1/{over.factor:g} to {over.factor:g} times its value. mu*: mean absolute effect over that whole range, "
        "with the half-width of its 95 % interval (bootstrap). A sigma as large as mu* shows interactions: the effect "
        "depends on the other numbers."
    )
    if over.refused:
        yield from folded(
            f"{over.refused} trajectories more were drawn and left out: the scenario refuses a combination in them."
        )
    for output, count in found.without_values.items():
        if count:
            yield from folded(
                f"{output}: no value at {count} of {len(over.points)} points (saturated, mostly); effects that touch "
                "those are left out.",
                indent="  ",
            )
    for each in over.left_out:
        yield from folded(f"Not varied: {each.path}: {each.why}.", indent="  ")
    for failure in found.failures:
        yield from folded(f"Failed: {failure.message}", indent="  ")
        yield from folded(failure.command, first="  ", indent="    ")
