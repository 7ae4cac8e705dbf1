"""Death of processes: first effective, then visible to them. Called by ``Kernel.kill`` and ``Kernel.close`` only.

A process that is being unwound can do nothing to the simulation: it is dead, no event points to it, no queue contains
it, and all that it held has been handed over.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from greenlet import getcurrent, greenlet

from sim.kernel.exceptions import KernelError, ProcessDied
from sim.kernel.process import Process, refuse_the_dead

if TYPE_CHECKING:
    from sim.kernel.kernel import Kernel


def kill(processes: Iterable[Process], before_unwind: Callable[[], None]) -> None:
    """Kill, in order of starting, those that have not ended; see ``Kernel.kill``."""
    refuse_the_dead()
    caller = getcurrent()
    victims = sorted({p for p in processes if not (p.ended or p.dead)}, key=lambda p: p.number)
    for victim in victims:
        # The caller stays alive until before_unwind has run in it; nothing else can run meanwhile.
        victim.dead = victim is not caller
        _disconnect(victim)
    before_unwind()
    for victim in victims:
        victim.dead = True
    _hand_over(victims)
    _unwind(victims, caller)


def unwind_all(kernel: "Kernel") -> None:
    """Unwind all that is left. No place is handed over and no hook is told: the simulation is over."""
    victims = kernel.processes()
    for victim in victims:
        victim.dead = True
    _unwind(victims, getcurrent())
    for victim in victims:
        for resource in victim.held:
            resource.forget(victim)
        victim.held.clear()


def _disconnect(victim: Process) -> None:
    victim.kernel.unschedule(victim)
    leave = getattr(victim.waiting_on, "leave", None)
    if leave is not None:
        leave(victim)


def _hand_over(victims: list[Process]) -> None:
    for victim in victims:
        for resource in list(victim.held):
            resource.hand_over(victim)


def _unwind(victims: list[Process], caller: greenlet) -> None:
    for victim in victims:
        if victim is caller:
            continue
        if victim.started:
            _throw(victim, caller)
        else:
            victim.end()
    if caller in victims:
        raise ProcessDied


def _throw(victim: Process, caller: greenlet) -> None:
    # An unwound greenlet falls back into its parent, which for once must be the one that kills it.
    victim.parent = caller
    victim.throw(ProcessDied)
    if not victim.ended:
        raise KernelError(f"process '{victim.name}' was killed and did not end: it switches greenlets by itself")
