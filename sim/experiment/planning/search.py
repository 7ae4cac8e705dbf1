"""Finds the highest load that meets the objectives, of one replication, by asking whether a load meets them.

Pure: it is given what was asked so far and says which load to ask next. sim.experiment.planning.tasks asks. It never
runs anything.

The rule. From the start the load goes up in steps as long as it meets, down as long as it does not, until one meets and
one above it does not; then the geometric middle is asked until the two are no further apart than the tolerance. The
answer is always about the *lowest* load that failed: where a load below the bracket fails later on, as a probe may
show, the search goes on below that one. So every load that was asked below the answer meets the objectives.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import sqrt

TOLERANCE = 0.02  # share of the load by which the last one that met and the first that did not may differ
DOUBLING = 2.0  # step of a search that starts anywhere
NARROW = 1.05  # step of a search that starts at a load known from a similar search; assumption
_DIGITS = 6  # significant, of a load that is asked
_SLACK = 1e-5  # share of a load; what rounding to that many digits may add

FOUND, NONE, ALL = "found", "none", "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Where to look: from `lowest` to `highest`, beginning at `start`. ValueError when these are out of order."""

    start: float
    lowest: float
    highest: float
    step: float = DOUBLING  # the first one up, and down
    step_down: float | None = None  # the first one down, where it is another
    tolerance: float = TOLERANCE
    whole: bool = False  # loads are whole numbers

    def __post_init__(self) -> None:
        if not 0 < self.lowest <= self.start <= self.highest:
            raise ValueError(f"loads from {self.lowest} over {self.start} to {self.highest} do not ascend")
        if self.step <= 1 or self.tolerance <= 0:
            raise ValueError(f"the step is {self.step} and the tolerance {self.tolerance}; too small")


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """What a search found.

    `met` is the highest load that was asked and met with all below it, None when there is none; `missed` the lowest
    that did not. `passes_above` is the highest load that met although `missed` is below it: the response is not
    monotone.
    """

    ending: str  # found, none: even the lowest fails, all: even the highest meets
    met: float | None
    missed: float | None
    passes_above: float | None = None
    whole: bool = False

    @property
    def value(self) -> float | None:
        """The load up to which the objectives are met: between `met` and `missed`, in their geometric middle.

        A whole load is the last that met; of a search that found none it is 0, of one that found no end the highest.
        """
        if self.met is None:
            return 0.0 if self.ending == NONE else None
        if self.missed is None or self.whole:
            return self.met
        return sqrt(self.met * self.missed)

    @property
    def is_monotone(self) -> bool:
        """Whether no load met above one that did not."""
        return self.passes_above is None


def search(meets: Callable[[float], bool], within: Range, *, probes: Iterable[float] = (), upwards: int = 0) -> Root:
    """Asks until the answer is known. `probes` are loads that are asked as well, inside the range.

    Where no load meets, `upwards` steps above the start are asked too: an objective may ask for a least throughput.
    """
    asked: dict[float, bool] = {}
    _settle(meets, within, asked)
    _ask_all(meets, within, asked, _further(root_of(asked, within), within, probes, upwards))
    _settle(meets, within, asked)
    return root_of(asked, within)


def _settle(meets: Callable[[float], bool], within: Range, asked: dict[float, bool]) -> None:
    while (load := next_load(asked, within)) is not None:
        asked[load] = meets(load)


def _ask_all(meets: Callable[[float], bool], within: Range, asked: dict[float, bool], loads: Iterable[float]) -> None:
    for load in loads:
        if load not in asked and within.lowest <= load <= within.highest:
            asked[load] = meets(load)


def _further(root: Root, within: Range, probes: Iterable[float], upwards: int) -> list[float]:
    above = range(1, upwards + 1) if root.met is None else ()
    return [*probes, *(tidy(within.start * within.step**n, within) for n in above)]


def next_load(asked: Mapping[float, bool], within: Range) -> float | None:
    """The load to ask next; None when the answer is known."""
    if not asked:
        return within.start
    missed = min((load for load, met in asked.items() if not met), default=None)
    met = max((load for load, met in asked.items() if met and (missed is None or load < missed)), default=None)
    if missed is None:
        assert met is not None
        return _above(met, within)
    return _below(missed, within) if met is None else _between(met, missed, within)


def _above(met: float, within: Range) -> float | None:
    """Steps grow while they meet, at most to a doubling: what is far off is reached soon."""
    if met >= within.highest:
        return None
    load = tidy(met * _step(met / within.start, within.step), within)
    return min(within.highest, max(load, met + 1) if within.whole else load)


def _below(missed: float, within: Range) -> float | None:
    if missed <= within.lowest:
        return None
    load = tidy(missed / _step(within.start / missed, within.step_down or within.step), within)
    return max(within.lowest, min(load, missed - 1) if within.whole else load)


def _step(reached: float, first: float) -> float:
    return min(max(DOUBLING, first), max(first, reached))


def _between(met: float, missed: float, within: Range) -> float | None:
    if missed <= met * (1 + within.tolerance + _SLACK) or (within.whole and missed - met <= 1):
        return None
    middle = tidy(sqrt(met * missed), within)
    if met < middle < missed:
        return middle
    return (met + missed) // 2 if within.whole else None


def tidy(load: float, within: Range) -> float:
    """The load as it is asked: a whole number, or one of six significant digits."""
    return float(max(1, round(load))) if within.whole else float(f"{load:.{_DIGITS}g}")


def root_of(asked: Mapping[float, bool], within: Range) -> Root:
    """What the answers so far amount to."""
    missed = min((load for load, met in asked.items() if not met), default=None)
    passed = [load for load, met in asked.items() if met]
    met = max((load for load in passed if missed is None or load < missed), default=None)
    above = max((load for load in passed if missed is not None and load > missed), default=None)
    ending = ALL if missed is None else NONE if met is None else FOUND
    return Root(ending=ending, met=met, missed=missed, passes_above=above, whole=within.whole)
