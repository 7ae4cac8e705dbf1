"""Fault injection: what a scenario's `faults` do to a run. The only door is `Faults`, put in place by sim.model.system.

Each kind does to the core what it would do to a real process, and nothing is put right by magic. Every fault that takes
effect is told to the recorder, once.
"""

from sim.model.faults.plan import Faults

__all__ = ["Faults"]
