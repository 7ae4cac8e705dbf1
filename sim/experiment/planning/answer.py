"""What the searches of all replications amount to: the load, its interval, the probability of meeting it.

Made by sim.experiment.planning.planner from the replications' roots. It knows no simulation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor
from typing import Any

from sim.experiment.intervals import CONFIDENCE, LEAST_REPLICATIONS, Interval, t_interval
from sim.experiment.planning.search import ALL, FOUND, NONE, TOLERANCE, Root
from sim.experiment.planning.tasks import Searched
from sim.metrics.statistics import rounded

SHARE = 0.95  # of the replications, in which "the load that is met" is met
_NOISE = 5 * TOLERANCE  # share of a load; a failure closer below a load that met is called noise, not a gap


@dataclass(frozen=True, slots=True, kw_only=True)
class Probable:
    """How many replications meet the objectives at a load and at every lower one that was tried.

    `low` and `high` are the exact 95 % limits of that probability (Clopper and Pearson, 1934).
    """

    load: float
    met: int
    count: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """Share of the replications."""
        return self.met / self.count

    def data(self) -> dict[str, Any]:
        """As it stands in JSON."""
        return {
            "load": rounded(self.load), "met": self.met, "count": self.count, "share": rounded(self.share),
            "low": self.low, "high": self.high,
        }  # fmt: skip


class Answer:
    """The load that one configuration carries."""

    def __init__(self, searched: Sequence[Searched]) -> None:
        self.searched = tuple(searched)

    @property
    def roots(self) -> tuple[Root, ...]:
        """One a replication."""
        return tuple(each.root for each in self.searched)

    @property
    def values(self) -> list[float]:
        """One load a replication: 0 where none meets, the highest that was tried where all do."""
        return [root.value or 0.0 for root in self.roots]

    @property
    def operations(self) -> int:
        """Operations of the runs at the loads that were met, of all replications together."""
        return sum(point.operations for each in self.searched for point in each.points if point.load == each.root.met)

    def endings(self, word: str) -> int:
        """How many searches ended so."""
        return sum(root.ending == word for root in self.roots)

    @property
    def ending(self) -> str:
        """found, none, all, or 'mixed' where replications differ."""
        words = {root.ending for root in self.roots}
        return words.pop() if len(words) == 1 else "mixed"

    @property
    def interval(self) -> Interval | None:
        """The mean load with its 95 % t interval; None unless a load was found in every replication."""
        return t_interval(self.values) if self.ending == FOUND else None

    @property
    def met_in_95(self) -> float:
        """The highest load that was run and met in at least 95 % of the replications; 0: there is none."""
        met = sorted(root.met or 0.0 for root in self.roots)
        return met[floor((1 - SHARE) * len(met) + 1e-9)]

    @property
    def gaps(self) -> tuple[Searched, ...]:
        """The replications in which a load failed well below one that met."""
        return tuple(each for each in self.searched if _has_gap(each.root))

    @property
    def is_conclusive(self) -> bool:
        """Whether there is a load, from enough replications, under a monotone response."""
        return self.ending == FOUND and len(self.roots) >= LEAST_REPLICATIONS and not self.gaps

    def probable(self, load: float) -> Probable:
        """The probability of meeting the objectives at a load."""
        met, count = sum((root.met or 0.0) >= load for root in self.roots), len(self.roots)
        low, high = binomial_limits(met, count)
        return Probable(load=load, met=met, count=count, low=low, high=high)

    def probabilities(self) -> tuple[Probable, ...]:
        """At every load at which a search ended: between two of them nothing is known to change."""
        loads = {load for root in self.roots for load in (root.met, root.missed) if load}
        return tuple(self.probable(load) for load in sorted(loads))

    def data(self) -> dict[str, Any]:
        """As it stands in JSON."""
        found = self.interval
        return {
            "ending": self.ending,
            "mean": None if found is None else found.mean,
            "low": None if found is None else found.low,
            "high": None if found is None else found.high,
            "met_in_95_percent": rounded(self.met_in_95),
            "replications": len(self.roots), "operations": self.operations,
            "found": self.endings(FOUND), "none": self.endings(NONE), "all": self.endings(ALL),
            "conclusive": self.is_conclusive,
            "roots": [_root_data(each) for each in self.searched],
            "not_monotone": [_root_data(each) for each in self.gaps],
            "probability": [each.data() for each in self.probabilities()],
        }  # fmt: skip


def _has_gap(root: Root) -> bool:
    return root.missed is not None and root.passes_above is not None and (
        root.passes_above > root.missed * (1 + _NOISE)
    )  # fmt: skip


def _root_data(each: Searched) -> dict[str, Any]:
    root = each.root
    return {
        "replication": each.replication, "ending": root.ending,
        "load": None if root.value is None else rounded(root.value),
        "met": root.met, "missed": root.missed, "passes_above": root.passes_above,
    }  # fmt: skip


def binomial_limits(met: int, count: int) -> tuple[float, float]:
    """The exact two-sided 95 % limits of a probability of which `met` of `count` independent trials are known."""
    from scipy.special import betaincinv

    tail = (1 - CONFIDENCE) / 2
    low = float(betaincinv(met, count - met + 1, tail)) if met else 0.0
    high = float(betaincinv(met + 1, count - met, 1 - tail)) if met < count else 1.0
    return rounded(low), rounded(high)
