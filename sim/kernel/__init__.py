"""The simulator's kernel: virtual clock, processes, resources, random draws. The only door to SimPy and greenlet.

Modules inside build on each other one way: exceptions, events, clock, process, then timer, crash and stall, kernel, and
on top resource and signals. ``draws`` and ``distributions`` stand alone. Nothing outside imports its modules.
"""

from sim.kernel.clock import MICROSECONDS, drawn_ties
from sim.kernel.distributions import (
    Constant,
    Distribution,
    Empirical,
    Exponential,
    Gamma,
    Lognormal,
    Mixture,
    Pareto,
)
from sim.kernel.draws import Draws
from sim.kernel.exceptions import (
    AcquireTimeout,
    KernelError,
    NotHolder,
    OutsideProcess,
    ProcessDied,
    ResumedDead,
    Stalled,
    VirtualTimeExceeded,
)
from sim.kernel.kernel import Interceptor, Kernel
from sim.kernel.process import Process, current, living, running
from sim.kernel.resource import FifoResource
from sim.kernel.signals import Signal
from sim.kernel.stall import find_stall
from sim.kernel.timer import Timer

__all__ = [
    "MICROSECONDS",
    "AcquireTimeout",
    "Constant",
    "Distribution",
    "Draws",
    "Empirical",
    "Exponential",
    "FifoResource",
    "Gamma",
    "Interceptor",
    "Kernel",
    "KernelError",
    "Lognormal",
    "Mixture",
    "NotHolder",
    "OutsideProcess",
    "Pareto",
    "Process",
    "ProcessDied",
    "ResumedDead",
    "Signal",
    "Stalled",
    "Timer",
    "VirtualTimeExceeded",
    "current",
    "drawn_ties",
    "find_stall",
    "living",
    "running",
]
