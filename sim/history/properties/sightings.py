"""What was answered, put together port by port: is there a choice of the commits' instants that explains all of it?

Part of `answers`. An answer that could have been right, depending on instants that nobody saw, is a sighting. It asks
sim/history/instants.py, which knows already what was read.
"""

from collections.abc import Callable, Iterable, Iterator

from sim.history.instants import Clash, Demand, Instants
from sim.history.verdict import Event, Finding
from sim.history.versions import runs
from sim.history.view import View

Tell = Callable[[Clash | None], Finding]
"""Makes the finding of a sighting that clashes with others, or (None) that could not be decided."""


class Sightings:
    """The sightings of one history, to be settled when all are known."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._of: dict[int, list[tuple[Demand, Tell]]] = {}

    def add(self, port: int, indexes: Iterable[int], span: tuple[int, int], event: Event, tell: Tell) -> None:
        """One of these versions of the port was in force at some position of the span; the row `event` says so."""
        self._of.setdefault(port, []).append((Demand(runs(indexes), *span, event), tell))

    def settled(self) -> Iterator[Finding]:
        """What does not fit together."""
        for port, sightings in self._of.items():
            sightings.sort(key=lambda each: each[0].last)
            if self._view.versions_of(port).is_possible:
                yield from self._of_port(port, sightings)
            else:
                yield sightings[0][1](None)

    def _of_port(self, port: int, sightings: list[tuple[Demand, Tell]]) -> Iterator[Finding]:
        instants = Instants(self._view.versions_of(port), self._view.evidence.open.get(port, ()))
        clashes = [clash for demand, _ in sightings if (clash := instants.add(demand))]
        settled = instants.settle()
        tells = {demand.event: tell for demand, tell in reversed(sightings)}
        for clash in (*clashes, *settled.clashes):
            yield _teller(clash, tells)(clash)
        for demand in settled.undecided[:1]:
            yield tells.get(demand.event, sightings[0][1])(None)


def _teller(clash: Clash, tells: dict[Event, Tell]) -> Tell:
    """Whoever can tell of it: what clashes may be a read, which only an answer can have made impossible."""
    told = (tells[event] for event in (clash.demand.event, *clash.because) if event in tells)
    return next(told, next(iter(tells.values())))
