"""Finds processes that wait for each other for ever and says so in words. Called when a run ends or runs dry.

It reads ``waiting_on`` of processes and ``holders`` of what they wait on (any object that has it), and changes nothing.
A process that sleeps, has a timeout, or waits for something without known holders is not stalled: it may go on.
"""

from typing import TYPE_CHECKING

from sim.kernel.process import Process

if TYPE_CHECKING:
    from sim.kernel.kernel import Kernel

_Graph = dict[Process, list[Process]]


def find_stall(kernel: "Kernel") -> list[list[str]]:
    """The cycles among waiting processes, each as sentences 'A waits for X (at P since T s), held by B'.

    A chain that ends at a holder which is gone is reported too. Cycles come in order of their first process; what only
    waits behind a cycle is not named. Empty when every process may still go on.
    """
    graph = _stalled(kernel)
    named: set[Process] = set()
    cycles = [_cycle_from(process, graph, named) for process in graph]
    return [[_sentence(process, graph) for process in cycle] for cycle in cycles if cycle]


def _stalled(kernel: "Kernel") -> _Graph:
    """The processes that can never go on, each with those it waits for."""
    graph = {process: _holders(process) for process in kernel.processes() if _waits_without_end(process)}
    while movable := [process for process in graph if _may_go_on(process, graph)]:
        for process in movable:
            del graph[process]
    return {process: [h for h in holders if _never_releases(h, graph)] for process, holders in graph.items()}


def _waits_without_end(process: Process) -> bool:
    return process.started and not process.wakeup.pending and bool(_holders(process))


def _holders(process: Process) -> list[Process]:
    return list(getattr(process.waiting_on, "holders", ()))


def _may_go_on(process: Process, graph: _Graph) -> bool:
    stuck = [_never_releases(holder, graph) for holder in graph[process]]
    if getattr(process.waiting_on, "any_holder_suffices", False):
        return not all(stuck)
    return not any(stuck)


def _never_releases(holder: Process, graph: _Graph) -> bool:
    return holder in graph or holder.ended or holder.dead


def _cycle_from(process: Process, graph: _Graph, named: set[Process]) -> list[Process]:
    """Follow the first holder until one comes again (a cycle), is gone (a chain), or was named before (nothing)."""
    path: list[Process] = []
    while process in graph and process not in named:
        path.append(process)
        named.add(process)
        process = graph[process][0]
    if process in path:
        return path[path.index(process) :]
    return [] if process in graph else path


def _sentence(process: Process, graph: _Graph) -> str:
    thing = getattr(process.waiting_on, "name", None) or repr(process.waiting_on)
    holders = " and ".join(f"'{h.name}'{' (which is gone)' if h.ended else ''}" for h in graph[process])
    since_s = process.since_us / 1e6
    return f"'{process.name}' waits for '{thing}' (at {process.point} since {since_s:.6f} s), held by {holders}"
