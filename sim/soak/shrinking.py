"""Makes a failing case smaller while the same property still breaks for the same cause.

Delta debugging (Zeller and Hildebrandt, 2002) over plain data: fewer operations, faults, drivers, ports and workers
first, then simpler settings and timings. Draws are keyed by the number of the operation, so that what is left keeps its
latencies. The result is a scenario file that replays it.
"""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from sim.scenario import ScenarioError
from sim.simulation import many_runs
from sim.soak.case import Case, Data
from sim.soak.isolating import isolated
from sim.soak.play import Played, play
from sim.soak.simplifying import simpler
from sim.soak.tally import Key, grouped

MOST_PLAYS = 600  # that shrinking one case may cost, a few seconds
MOST_OPERATIONS = 60_000  # in all of them: the bound for a case with many operations


@dataclass(frozen=True, slots=True)
class Shrunk:
    """The smallest case that was found, what it shows, and how many cases were played on the way."""

    case: Case
    key: Key
    operations: int
    faults: int
    evidence: tuple[str, ...]
    says: str
    plays: int


def shrink(case: Case, key: Key, *, most_plays: int = MOST_PLAYS) -> Shrunk:
    """The smallest case that still shows a finding like `key`, which `case` itself must show."""
    with many_runs():
        return _Shrinker(key, most_plays).run(case)


class _Shrinker:
    def __init__(self, key: Key, most_plays: int) -> None:
        self._key = key
        self._most_plays = most_plays
        self._plays = 0
        self._operations = 0

    def run(self, case: Case) -> Shrunk:
        best = self._shows(case)
        if best is None:
            raise ValueError(f"the case shows no finding like {self._key}")
        progress = True
        while progress and not self._is_spent:
            progress = False
            for smaller in _passes(best.case.data):
                better = self._better(best, smaller)
                if better is not best:
                    best, progress = better, True
        return self._told(best)

    @property
    def _is_spent(self) -> bool:
        return self._plays >= self._most_plays or self._operations >= MOST_OPERATIONS

    def _better(self, best: Played, candidates: "_Pass") -> Played:
        """Goes through one pass, beginning again with what is left whenever something could be taken away."""
        place = 0
        while not self._is_spent:
            data = candidates(best.case.data, place)
            if data is None:
                return best
            found = None if data == best.case.data else self._shows(best.case.with_data(data))
            if found is None:
                place += 1
            else:
                best = found
        return best

    def _shows(self, case: Case) -> Played | None:
        """The case played, if it is valid and shows the same."""
        self._plays += 1
        try:
            played = play(case)
        except ScenarioError:
            return None
        self._operations += played.operations
        return played if any(_is_like(key, self._key) for key in grouped(played)) else None

    def _told(self, played: Played) -> Shrunk:
        findings = next(found for key, found in grouped(played).items() if _is_like(key, self._key))
        first = min(findings, key=lambda finding: len(finding.events))
        evidence = tuple(played.report.evidence(first))
        return Shrunk(played.case, self._key, played.operations, played.faults, evidence, first.says, self._plays)


def _is_like(key: Key, other: Key) -> bool:
    return key[:2] == other[:2]


_Pass = Callable[[Data, int], Data | None]
"""The place-th candidate of a pass over some data; None after the last."""


def _passes(data: Data) -> Iterator[_Pass]:
    yield _offered_by(isolated)
    script = data["workload"]["arrivals"].get("script")
    size = len(script) if script is not None else 0
    while size >= 1:
        yield _without_operations(size)
        size //= 2
    yield _without("faults")
    yield _without("drivers")
    yield _offered_by(simpler)


def _without_operations(size: int) -> _Pass:
    """Leaves out `size` operations in a row, and what is about a port that they would have created."""

    def candidate(data: Data, place: int) -> Data | None:
        script = data["workload"]["arrivals"].get("script") or []
        if place * size >= len(script):
            return None
        kept = [*script[: place * size], *script[(place + 1) * size :]]
        created = {item["number"] for item in kept if item["operation"] == "create_port"}
        kept = [item for item in kept if item.get("port_of") is None or item["port_of"] in created]
        smaller = copy.deepcopy(data)
        smaller["workload"]["arrivals"]["script"] = kept
        return smaller if kept else data

    return candidate


def _without(key: str) -> _Pass:
    """Leaves out one item of a list, and the controllers that no driver calls any more."""

    def candidate(data: Data, place: int) -> Data | None:
        items = data.get(key, [])
        if place >= len(items):
            return None
        smaller = {**data, key: [*items[:place], *items[place + 1 :]]}
        called = {driver.get("controller") for driver in smaller["drivers"]}
        smaller["controllers"] = [each for each in data["controllers"] if each["name"] in called]
        return smaller

    return candidate


def _offered_by(candidates: Callable[[Data], Iterator[Data]]) -> _Pass:
    """The candidates for some data, made once, as they come."""
    made: list[Data] = []
    source: tuple[Data, Iterator[Data]] | None = None

    def candidate(data: Data, place: int) -> Data | None:
        nonlocal source
        if source is None or source[0] is not data:
            made.clear()
            source = (data, candidates(data))
        made.extend(islice(source[1], place + 1 - len(made)))
        return made[place] if place < len(made) else None

    return candidate
