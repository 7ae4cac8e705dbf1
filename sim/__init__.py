"""bindsim's harness: load a scenario, run it, compare strategies, read results.

    from sim import load_scenario, run, compare, load_run

The four names are loaded when they are first used, so that `import sim` stays cheap.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.experiment import compare
    from sim.results import load_run
    from sim.scenario import load_scenario
    from sim.simulation import run

_DOORS = {
    "load_scenario": "sim.scenario",
    "run": "sim.simulation",
    "compare": "sim.experiment",
    "load_run": "sim.results",
}

__all__ = ["compare", "load_run", "load_scenario", "run"]


def __getattr__(name: str) -> Any:
    if name not in _DOORS:
        raise AttributeError(f"module 'sim' has no attribute '{name}'; it offers {', '.join(__all__)}")
    return getattr(import_module(_DOORS[name]), name)


def __dir__() -> list[str]:
    return __all__
