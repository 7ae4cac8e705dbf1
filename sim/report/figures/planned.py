"""What a plan found, as data for figures. A result is a Plan, or a plan's folder that was loaded. It draws nothing."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

from sim.experiment.intervals import LEAST_REPLICATIONS, t_interval

if TYPE_CHECKING:
    import pandas as pd


class LoadedPlan(Protocol):
    """What `load_run` gives for a plan, as far as it matters here."""

    details: dict[str, Any]


class LivePlan(Protocol):
    """What `plan` gives, as far as it matters here."""

    def summary(self) -> dict[str, Any]:
        """The contents of summary.json."""


PlanResult = LoadedPlan | LivePlan
Run = Mapping[str, Any]

_NO_METRICS: Final = ("strategy", "load", "replication", "met", "missed", "ending")


def plan_data(result: Any) -> dict[str, Any]:
    """The contents of the plan's summary.json (docs/planning.md). ValueError for a result that is no plan."""
    data = _data(result)
    if "scale" not in data or "inverse" not in data:
        raise ValueError("this result is no plan; `bindsim plan` makes one")
    return data


def _data(result: Any) -> dict[str, Any]:
    found = result.details if hasattr(result, "details") else result.summary() if callable(result.summary) else {}
    return found if isinstance(found, dict) else {}


def curve_of(result: Any) -> "pd.DataFrame | None":
    """A plan's runs as the rows of a sweep over its load; None for a result that is no plan.

    Only loads at which a strategy was run often enough for an interval: the search itself tries others once or twice.
    """
    data = _data(result) if hasattr(result, "details") or hasattr(result, "summary") else {}
    if "scale" not in data or "points" not in data:
        return None
    import pandas as pd

    return pd.DataFrame([row for group in _groups(data["points"]) for row in _rows(data["scale"]["path"], group)])


def _groups(points: Sequence[Run]) -> Iterator[list[Run]]:
    found: dict[tuple[str, float], list[Run]] = {}
    for point in points:
        found.setdefault((point["strategy"], point["load"]), []).append(point)
    return (group for group in found.values() if len(group) >= LEAST_REPLICATIONS)


def _rows(path: str, group: Sequence[Run]) -> Iterator[dict[str, Any]]:
    ended = [run["ending"] for run in group if run["ending"] in ("saturated", "stalled")]
    for metric in dict.fromkeys(name for run in group for name in run if name not in _NO_METRICS):
        values = [run.get(metric) for run in group]
        present = [value for value in values if value is not None]
        found = t_interval(present) if len(present) == len(values) else None
        yield {
            path: group[0]["load"], "metric": metric, "strategy": group[0]["strategy"],
            "mean": None if found is None else found.mean, "low": None if found is None else found.low,
            "high": None if found is None else found.high,
            "note": f"{ended[0]} in {len(ended)} of {len(group)}" if ended and found is None else "",
        }  # fmt: skip
