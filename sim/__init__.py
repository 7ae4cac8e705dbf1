"""bindsim's harness: load a scenario, run it, compare strategies, read results.

    from sim import load_scenario, run, compare, load_run, check

    check(run(load_scenario("hot_port"), history=True).history)     # the verdicts on one run
    check(load_run(folder).history("deferred"))                     # and on a saved one

The five names are loaded when they are first used, so that `import sim` stays cheap.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.experiment import compare
    from sim.history import check
    from sim.results import load_run
    from sim.scenario import load_scenario
    from sim.simulation import run

_DOORS = {
    "load_scenario": "sim.scenario",
    "run": "sim.simulation",
    "compare": "sim.experiment",
    "load_run": "sim.results",
    "check": "sim.history",
}

__all__ = ["check", "compare", "load_run", "load_scenario", "run"]


def __getattr__(name: str) -> Any:
    if name not in _DOORS:
        raise AttributeError(f"module 'sim' has no attribute '{name}'; it offers {', '.join(__all__)}")
    return getattr(import_module(_DOORS[name]), name)


def __dir__() -> list[str]:
    return __all__
