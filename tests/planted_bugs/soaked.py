"""How many runs of the soak it takes to find a planted bug, by which property, and within how many it must be found."""

from typing import NamedTuple

from sim.simulation import many_runs
from sim.soak import draw_case, play
from tests.planted_bugs.planted import PlantedBug

USUALLY = 200  # runs within which a bug is found with any seed that is tried
RARE = {
    "comparing values": 1000,  # needs a change away and back during one attempt, both committed
    "a retry keeps a half-built context": 400,  # needs a conflict, and another's change before the second try
    "a retry repeats the whole create": 400,  # needs a conflict in the second transaction, and a client that waits
}


class Found(NamedTuple):
    """The first run of the soak in which a bug breaks a promise that it is expected to break."""

    runs: int  # needed, so one more than the run's number
    strategy: str
    causes: tuple[str, ...]


def most_runs(bug: PlantedBug) -> int:
    """The stated number of runs within which the soak finds a bug."""
    return RARE.get(bug.name, USUALLY)


def found_by_soak(bug: PlantedBug, *, seed: int) -> Found | None:
    """Soaks a core with the bug until the property that should find it does; None if it does not in time."""
    expected = bug.property[0]
    with bug.planted(), many_runs():
        for number in range(most_runs(bug)):
            played = play(draw_case(seed, number))
            broken = {verdict.name: verdict for verdict in played.report.broken}
            if expected in broken:
                causes = tuple(dict.fromkeys(finding.cause for finding in broken[expected].violations))
                return Found(number + 1, played.strategy, causes)
    return None
