"""(c) SimPy and nothing else: as many events as a simulated run handled, as time-outs of plain generator processes."""

from collections.abc import Generator

from simpy import Environment, Event

from bench.workload import CLIENTS


def handle(events: int) -> int:
    """Lets `CLIENTS` processes sleep in turn until this many events were handled; how many it really were."""
    environment = Environment()
    each = max(1, events // CLIENTS - 2)  # a process's start and its end are events too
    for client in range(CLIENTS):
        environment.process(_sleeper(environment, each, delay=100 + client))
    environment.run()
    return (each + 2) * CLIENTS


def _sleeper(environment: Environment, sleeps: int, *, delay: int) -> Generator[Event]:
    for _ in range(sleeps):
        yield environment.timeout(delay)
