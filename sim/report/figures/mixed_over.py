"""Mixed bindings over concurrency: host updates that end with the binding of another host (docs/findings.md)."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes

from sim.report.figures.metric_over import draw_band, finish
from sim.report.figures.retries_over import per_hundred
from sim.report.figures.style import drawn_on, is_narrow, series_style
from sim.report.figures.swept import Series, SweepResult, path_over, rows_of, series_of, title_of

_MIXED: Final = "lost_bindings_count.stale-mixed.total"
_UPDATES: Final = "operations_count.update_port.total"


def mixed_over(
    result: SweepResult, ax: Axes | None = None, *, over: str | None = None, where: Mapping[str, Any] | None = None
) -> Axes:
    """Mixed bindings in 100 updates by strategy over a varied path; bands are 95 % intervals of the counts.

    Strategies that have none share one line at 0. `over` and `where` as in `metric_over`. ValueError for what the sweep
    does not have.
    """
    updates = {each.label: each for each in series_of(result, _UPDATES, over=over, where=where)}
    found = [per_hundred(each, updates[each.label], "") for each in series_of(result, _MIXED, over=over, where=where)]
    with drawn_on(ax) as axes:
        shown = list(_shown(found))
        for place, series in enumerate(shown):
            draw_band(series, axes, series_style(place))
        axes.set_xlabel(title_of(path_over(rows_of(result), over)))
        axes.set_ylabel("mixed in 100" if is_narrow(axes) else "mixed bindings in 100 updates")
        finish(axes, shown)
    return axes


def _shown(found: list[Series]) -> Iterator[Series]:
    """Every series that is not 0 throughout, and one that stands for those that are."""
    yield from (series for series in found if np.nansum(series.mean) > 0)
    without = [series for series in found if not np.nansum(series.mean) > 0]
    if without:
        names = ", ".join(dict.fromkeys(series.strategy for series in without))
        yield replace(without[0], label=names)
