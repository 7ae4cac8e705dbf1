"""Results on disk: written whole or not at all, read back as DataFrames. docs/results.md describes every
file.

sim.experiment writes, `from sim import load_run` reads. Nothing here runs anything.
"""

from sim.results.folder import SCHEMA_VERSION, TABLES, ResultError, RunIdentity, check_replaceable, default_folder
from sim.results.many import LoadedRuns, load_runs
from sim.results.reader import LoadedRun, load_run
from sim.results.writer import ResultWriter

__all__ = [
    "SCHEMA_VERSION",
    "TABLES",
    "LoadedRun",
    "LoadedRuns",
    "ResultError",
    "ResultWriter",
    "RunIdentity",
    "check_replaceable",
    "default_folder",
    "load_run",
    "load_runs",
]
