"""Exports: what a run recorded, in formats that other programs open.

`bindsim export` and notebooks use them. They read tables and run nothing.
"""

from sim.report.export.hdr import HdrFile, hdr_files
from sim.report.export.perfetto import perfetto_trace

__all__ = ["HdrFile", "hdr_files", "perfetto_trace"]
