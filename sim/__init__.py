"""bindsim's harness: load a scenario, run it, compare strategies, sweep, plan, read results.

    from sim import load_scenario, run, compare, sweep, plan, load_run, load_runs, check, time_parts

    compare("hot_port", replications=5)                             # strategies over paired replications
    sweep("hot_port", vary={"workload.rate_per_s": "4..20..5"})     # the same at every point
    plan("boot_storm", slo="latency_s.create_port.p95 < 5")         # the highest load that meets an objective
    check(run(load_scenario("hot_port"), history=True).history)     # the verdicts on one run
    check(load_run(folder).history("deferred"))                     # and on a saved one

What they return has DataFrames and shows itself in a notebook; sim.report draws it. The names are loaded when they are
first used, so that `import sim` stays cheap.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.experiment.interactive import compare, plan, sweep
    from sim.history import check
    from sim.metrics.time_parts import time_parts
    from sim.results import load_run, load_runs
    from sim.scenario import load_scenario
    from sim.simulation import run

_DOORS = {
    "load_scenario": "sim.scenario",
    "run": "sim.simulation",
    "compare": "sim.experiment.interactive",
    "sweep": "sim.experiment.interactive",
    "plan": "sim.experiment.interactive",
    "load_run": "sim.results",
    "load_runs": "sim.results",
    "check": "sim.history",
    "time_parts": "sim.metrics.time_parts",
}

__all__ = ["check", "compare", "load_run", "load_runs", "load_scenario", "plan", "run", "sweep", "time_parts"]


def __getattr__(name: str) -> Any:
    if name not in _DOORS:
        raise AttributeError(f"module 'sim' has no attribute '{name}'; it offers {', '.join(__all__)}")
    return getattr(import_module(_DOORS[name]), name)


def __dir__() -> list[str]:
    return __all__
