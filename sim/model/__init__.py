"""The model of a deployment: API processes and workers, controllers, drivers, clients, and what is recorded of them.

`sim.simulation` builds a `System` and lets an `Engine` run it. Modules build on each other one way: naming, work,
steps; then runtime, api, controllers, bindings; then recorder, load, set-up; then system and engine.
"""

from sim.model.engine import Ending, Engine, Progress
from sim.model.latency_driver import InjectedError, LatencyInjectingDriver
from sim.model.system import System

__all__ = ["Ending", "Engine", "InjectedError", "LatencyInjectingDriver", "Progress", "System"]
