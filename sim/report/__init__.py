"""Reports: what people read. Text tables for the terminal, figures, pages, exports; the only package that may draw.

Figures are functions that take a result and, optionally, matplotlib axes, and return the axes. They are loaded when
they are first used, so that a table on the terminal loads no matplotlib.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.report.export import hdr_files, perfetto_trace
    from sim.report.figures.break_even import break_even_figure, break_even_message
    from sim.report.figures.hold_times import hold_time_ecdf, hold_time_message
    from sim.report.figures.latency_over_load import latency_over_load, latency_over_load_message
    from sim.report.figures.meeting import meeting_message, meeting_probability
    from sim.report.figures.metric_over import metric_over
    from sim.report.figures.mixed_over import mixed_over
    from sim.report.figures.operation_time import operation_time, operation_time_message
    from sim.report.figures.reliefs import reliefs_message, reliefs_ranked
    from sim.report.figures.resource_use import resource_use
    from sim.report.figures.retries_over import retries_over
    from sim.report.figures.sizing import sizing
    from sim.report.figures.space_time import space_time
    from sim.report.figures.style import as_svg, new_axes
    from sim.report.page import report_html, write_report

_FIGURES = "sim.report.figures"
_DOORS = {
    "as_svg": f"{_FIGURES}.style",
    "break_even_figure": f"{_FIGURES}.break_even",
    "break_even_message": f"{_FIGURES}.break_even",
    "hdr_files": "sim.report.export",
    "hold_time_ecdf": f"{_FIGURES}.hold_times",
    "hold_time_message": f"{_FIGURES}.hold_times",
    "latency_over_load": f"{_FIGURES}.latency_over_load",
    "latency_over_load_message": f"{_FIGURES}.latency_over_load",
    "meeting_message": f"{_FIGURES}.meeting",
    "meeting_probability": f"{_FIGURES}.meeting",
    "metric_over": f"{_FIGURES}.metric_over",
    "mixed_over": f"{_FIGURES}.mixed_over",
    "new_axes": f"{_FIGURES}.style",
    "operation_time": f"{_FIGURES}.operation_time",
    "operation_time_message": f"{_FIGURES}.operation_time",
    "perfetto_trace": "sim.report.export",
    "reliefs_message": f"{_FIGURES}.reliefs",
    "reliefs_ranked": f"{_FIGURES}.reliefs",
    "report_html": "sim.report.page",
    "resource_use": f"{_FIGURES}.resource_use",
    "retries_over": f"{_FIGURES}.retries_over",
    "sizing": f"{_FIGURES}.sizing",
    "space_time": f"{_FIGURES}.space_time",
    "write_report": "sim.report.page",
}

__all__ = [
    "as_svg", "break_even_figure", "break_even_message", "hdr_files", "hold_time_ecdf", "hold_time_message",
    "latency_over_load", "latency_over_load_message", "meeting_message", "meeting_probability", "metric_over",
    "mixed_over", "new_axes", "operation_time", "operation_time_message", "perfetto_trace", "reliefs_message",
    "reliefs_ranked", "report_html", "resource_use", "retries_over", "sizing", "space_time", "write_report",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _DOORS:
        raise AttributeError(f"module 'sim.report' has no attribute '{name}'; it offers {', '.join(__all__)}")
    found = getattr(import_module(_DOORS[name]), name)
    globals()[name] = found  # the function, not a module of the same name
    return found


def __dir__() -> list[str]:
    return __all__
