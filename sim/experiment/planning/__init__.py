"""Capacity planning: the highest load that meets objectives, what limits it, what a size carries.

The command line and notebooks use this door. Nothing here prints or draws.
"""

from sim.experiment.planning.answer import Answer
from sim.experiment.planning.inverse import Sizing
from sim.experiment.planning.plan import Configuration, Plan
from sim.experiment.planning.planner import PlanSettings, plan, prepared

__all__ = ["Answer", "Configuration", "Plan", "PlanSettings", "Sizing", "plan", "prepared"]
