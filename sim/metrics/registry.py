"""The one registry of metrics: every name that summaries, thresholds and reports may use.

A name is `<metric>_<unit>[.<operation|class|cause>].<statistic>`. A family stands for all names that differ
only in key and statistic. Used by `bindsim metrics`, by scenario validation (`lookup`) and by the functions
in sim.metrics.measure, which give no value under a name that is not here. Nothing here computes anything.
"""

from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches

LOST_CLASSES = ("overwritten", "stale", "missing", "orphaned", "unbacked", "diverged")
HOLD_PARTS = ("sql", "lock_wait", "driver", "own")
LATENCY_PARTS = ("queue", "cpu", "sql", "lock_wait", "pool_wait", "controller", "backoff", "lease_wait")

_UNITS = {"s": "s", "per_s": "1/s", "count": "", "ratio": ""}
_PERCENTILE = "nearest rank: the smallest observed value that at least this share of the values do not exceed"
_ESTIMATORS = {
    "p50": _PERCENTILE, "p95": _PERCENTILE, "p99": _PERCENTILE,
    "mean": "arithmetic mean", "max": "largest value", "total": "sum over the run",
    "first": "first occurrence",
}  # fmt: skip


class UnknownMetric(Exception):
    """A name that is not in the registry."""


@dataclass(frozen=True, slots=True)
class Floor:
    """An absolute half-width of an interval, in the metric's unit, below which nobody asks for more; and why."""

    value: float
    reason: str


# All are assumptions about what people plan with; where a mean is large, a share of it is reached long before.
_MILLISECOND = Floor(0.001, "a millisecond, the resolution of most request logs")
_HUNDREDTH_S = Floor(0.01, "a hundredth of a second; agents and people look less often")
_RATE = Floor(0.01, "one operation in a hundred seconds")
_ATTEMPTS = Floor(0.01, "one attempt more in a hundred bindings")
_SHARE = Floor(0.005, "half a percent of the hold time")
_ONSET = Floor(1.0, "a second of a load that lasts minutes")
_STALLS = Floor(0.05, "one run in twenty")
_EVENTS = Floor(0.5, "the mean number of events a run is known to the nearest whole one")


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """All metrics of one kind: `name` ends in its unit, `keys` says in words what may stand in the middle."""

    name: str
    definition: str
    better: str  # "lower", "higher" or "neither"
    statistics: tuple[str, ...]
    floor: Floor
    keys: str = ""  # empty: no key
    fixed_keys: tuple[str, ...] = ()  # when given, no other key is allowed
    key_optional: bool = False

    @property
    def unit(self) -> str:
        """The unit of its values, empty for counts and ratios."""
        return _UNITS[self.unit_name]

    @property
    def unit_name(self) -> str:
        """The unit as it stands in the name."""
        return next(unit for unit in ("per_s", "s", "count", "ratio") if self.name.endswith(f"_{unit}"))

    @property
    def is_count(self) -> bool:
        """Whether a value counts events, so that an absent name means zero."""
        return self.unit_name == "count" and self.statistics == ("total",)

    @property
    def pattern(self) -> str:
        """The names of the family in short, as `bindsim metrics` prints them."""
        middle = f".<{self.keys}>" if self.keys else ""
        return f"{self.name}{f'[{middle}]' if self.key_optional else middle}.{'|'.join(self.statistics)}"

    def allows(self, key: str, statistic: str) -> bool:
        """Whether the family has a metric with this key ('' for none) and statistic."""
        if statistic not in self.statistics:
            return False
        if not key:
            return not self.keys or self.key_optional
        return bool(self.keys) and (not self.fixed_keys or key in self.fixed_keys or self._is_sub_count(key))

    def _is_sub_count(self, key: str) -> bool:
        return self.is_count and key.partition("-")[0] in self.fixed_keys


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: a family with its key and statistic."""

    name: str
    family: Family
    key: str
    statistic: str

    @property
    def unit(self) -> str:
        """The unit of its values, empty for counts and ratios."""
        return self.family.unit

    @property
    def better(self) -> str:
        """Which way is better: 'lower', 'higher' or 'neither'."""
        return self.family.better

    @property
    def estimator(self) -> str:
        """How a replication's value is computed from its observations."""
        return _ESTIMATORS[self.statistic]


_SPREAD = ("mean", "p50", "p95", "p99", "max")
_WHAT = "all|operation|class"

FAMILIES: tuple[Family, ...] = (
    Family(
        name="throughput_per_s", floor=_RATE, keys=_WHAT, statistics=("mean",), better="higher",
        definition=(
            "operations answered a second, from the first intended start until the arrivals stop (or until "
            "the last answer, where that is earlier or the load is one instant); a repeat is an operation of "
            "its own"
        ),
    ),
    Family(
        name="goodput_per_s", floor=_RATE, keys=_WHAT, statistics=("mean",), better="higher",
        definition=(
            "as throughput, but only operations answered without error, within the client's patience and, "
            "where the port in the answer has a host, with it bound"
        ),
    ),
    Family(
        name="latency_s", floor=_MILLISECOND, keys=_WHAT, statistics=_SPREAD, better="lower",
        definition=(
            "intended start to answer; an unanswered operation counts as its age at the end of the run; not "
            "given when the run is saturated or stalled"
        ),
    ),
    Family(
        name="latency_part_s", floor=_MILLISECOND, keys="|".join(LATENCY_PARTS), fixed_keys=LATENCY_PARTS,
        statistics=("mean",), better="lower",
        definition=(
            "part of the latency of answered operations; the means of the parts add up to their mean latency; not "
            "given when the run is saturated or stalled"
        ),
    ),
    Family(
        name="operations_count", floor=_EVENTS, keys=_WHAT, statistics=("total",), better="neither",
        definition="operations that clients began, repeats included",
    ),
    Family(
        name="no_target_count", floor=_EVENTS, keys=_WHAT, statistics=("total",), better="neither",
        definition=(
            "operations whose port did not exist yet or any more: never sent, or answered so; in no other "
            "metric of operations"
        ),
    ),
    Family(
        name="errors_count", floor=_EVENTS, keys="all|error", statistics=("total",), better="lower",
        definition="operations answered with an error, by its kind",
    ),
    Family(
        name="unfinished_count", floor=_EVENTS, statistics=("total",), better="lower",
        definition=(
            "operations unanswered when the run ended or, in a saturated run, when the arrivals stopped"
        ),
    ),
    Family(
        name="attempts_per_binding_count", floor=_ATTEMPTS, statistics=("mean", "max"), better="lower",
        definition="binding attempts that one operation made for one port, where it made any",
    ),
    Family(
        name="binding_attempts_count", floor=_EVENTS, keys="all|outcome", statistics=("total",), better="neither",
        definition="binding attempts, by what became of them",
    ),
    Family(
        name="retries_count", floor=_EVENTS, keys="inputs_changed|client_repeat|conflict|conflict kind",
        statistics=("total",), better="lower",
        definition=(
            "repeated work by cause: attempts made again because inputs changed (4c), transactions repeated "
            "after a conflict (in all and by kind), operations repeated by the client"
        ),
    ),
    Family(
        name="give_ups_count", floor=_EVENTS, keys="binding|transaction|client",
        fixed_keys=("binding", "transaction", "client"), statistics=("total",), better="lower",
        definition=(
            "bindings left after the last allowed attempt, conflicts after the last allowed retry, and "
            "operations not answered within the client's patience"
        ),
    ),
    Family(
        name="lost_bindings_count", floor=_EVENTS, keys="|".join(LOST_CLASSES), fixed_keys=LOST_CLASSES,
        key_optional=True, statistics=("total",), better="lower",
        definition=(
            "lost bindings by class, with sub-counts as <class>-<sub-count>; without a class the sum over the "
            "classes; unknown where the run did not come to rest"
        ),
    ),
    Family(
        name="hold_time_s", floor=_MILLISECOND, keys="|".join(HOLD_PARTS), fixed_keys=HOLD_PARTS, key_optional=True,
        statistics=_SPREAD, better="lower",
        definition=(
            "BEGIN to the end of COMMIT or ROLLBACK, a transaction; with a key only that part of it (the "
            "means of the parts add up to the mean)"
        ),
    ),
    Family(
        name="hold_share_ratio", floor=_SHARE, keys="|".join(HOLD_PARTS), fixed_keys=HOLD_PARTS,
        statistics=("mean",), better="neither",
        definition="share of all transactions' hold time that is spent in the part",
    ),
    Family(
        name="lock_wait_s", floor=_MILLISECOND, statistics=(*_SPREAD, "total"), better="lower",
        definition="wait for row locks, a transaction",
    ),
    Family(
        name="pool_wait_s", floor=_MILLISECOND, statistics=(*_SPREAD, "total"), better="lower",
        definition="wait for a database connection before BEGIN, a transaction",
    ),
    Family(
        name="transactions_count", floor=_EVENTS, keys="all|commit|rollback|conflict kind", statistics=("total",),
        better="neither",
        definition="transactions by how they ended",
    ),
    Family(
        name="unbound_window_s", floor=_HUNDREDTH_S, statistics=("p50", "p95", "max"), better="lower",
        definition="how long a port with a host is visible unbound, a window",
    ),
    Family(
        name="double_owner_s", floor=_HUNDREDTH_S, statistics=("max", "total"), better="lower",
        definition="how long two hosts both believe that they own one port, a window",
    ),
    Family(
        name="driver_calls_count", floor=_EVENTS, keys="all|method", statistics=("total",), better="neither",
        definition="calls of the mechanism drivers by method, all drivers together",
    ),
    Family(
        name="driver_call_s", floor=_MILLISECOND, keys="method", statistics=("mean", "p50", "p95", "max"),
        better="lower",
        definition="length of a call of a mechanism driver",
    ),
    Family(
        name="saturated_from_s", floor=_ONSET, statistics=("first",), better="neither",
        definition=(
            "virtual time from which the backlog grew until the arrivals stopped; absent when it did not"
        ),
    ),
    Family(
        name="stalls_count", floor=_STALLS, statistics=("total",), better="lower",
        definition=(
            "runs that ended because processes waited for each other or for nothing that could still come"
        ),
    ),
    Family(
        name="noted_count", floor=_EVENTS, keys="what", statistics=("total",), better="neither",
        definition="anything else that the simulation counted",
    ),
)  # fmt: skip

_BY_NAME = {family.name: family for family in FAMILIES}


def lookup(name: str) -> Metric:
    """The metric of that name. Raises UnknownMetric with what is allowed."""
    first, _, rest = name.partition(".")
    key, _, statistic = rest.rpartition(".")
    family = _BY_NAME.get(first)
    if family is None:
        raise UnknownMetric(f"'{name}' is not a metric: {_nearest(first)}; 'bindsim metrics' lists all")
    if not family.allows(key, statistic):
        raise UnknownMetric(f"'{name}' is not a metric: the names of this kind are {family.pattern}")
    return Metric(name, family, key, statistic)


def metric_problem(name: str, reported: Collection[str]) -> str | None:
    """What is wrong with a metric's name, None when it exists: what sim.scenario asks.

    `reported` are the operations and classes under which the scenario's operations are reported.
    """
    try:
        metric = lookup(name)
    except UnknownMetric as unknown:
        return str(unknown)
    if metric.family.keys == _WHAT and metric.key not in {"all", *reported}:
        return f"'{name}' is about '{metric.key}'; here it can be about all, {', '.join(reported)}"
    return None


def _nearest(first: str) -> str:
    close = get_close_matches(first, _BY_NAME, n=2, cutoff=0.4) or list(_BY_NAME)[:3]
    return f"no name begins with '{first}' (nearest: {', '.join(close)})"
