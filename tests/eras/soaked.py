"""The soak's cases under a preset or a composition: whether it keeps what it says that it promises."""

from collections import Counter
from dataclasses import replace
from typing import Any

from sim.simulation import many_runs
from sim.soak.drawing import draw_case
from sim.soak.play import play

SEED = 6


def broken_promises(strategy: dict[str, Any], *, runs: int, first: int = 0) -> Counter[tuple[str, str]]:
    """(property, cause) of each broken promise, with the number of runs that broke it.

    Draws are those of the soak but for the strategy; a lost agent or an eventlet hub may be among them.
    """
    found: Counter[tuple[str, str]] = Counter()
    with many_runs():
        for number in range(first, first + runs):
            case = draw_case(SEED, number)
            played = play(replace(case, data={**case.data, "strategies": [strategy]}))
            found.update(
                {(verdict.name, finding.cause) for verdict in played.report.broken for finding in verdict.findings}
            )
    return found
