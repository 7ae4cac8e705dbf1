"""What of a scenario the wall-clock engine cannot do: found before anything is started, each with its place."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from core.binding.policies import PortAccess
from sim.scenario import ConnectionFault, Crash, DeadlockFault, FailOver, Problem, Scenario, Strategy
from sim.wall.breaks import PLACES
from sim.wall.deaths import POINTS

T = TypeVar("T")


def unsupported(scenario: Scenario, *, is_private: bool, strategies: Sequence[Strategy] = ()) -> list[Problem]:
    """One problem for each thing that cannot be had; `is_private`: the server is one that we started."""
    place = scenario.source or scenario.name
    found = [*_found(scenario, is_private), *_undecidable(scenario, strategies)]
    return [Problem(place, path, told) for path, told in found]


def _found(scenario: Scenario, is_private: bool) -> Iterator[tuple[tuple[str | int, ...], str]]:  # noqa: FBT001
    if scenario.api.kind != "threads":
        yield ("api", "kind"), f"is {scenario.api.kind}: in real time workers are threads; allowed: threads"
    if scenario.database.profile == "galera":
        yield ("database", "profile"), "is galera: no cluster can be started here; run it in virtual time"
    for number, driver in enumerate(scenario.drivers):
        if driver.kind == "neutron":
            yield ("drivers", number, "kind"), "is neutron: these drivers run in virtual time only"
    for number, fault in enumerate(scenario.faults):
        told = _told(fault.chosen, is_private=is_private)
        if told:
            yield ("faults", number), told


def _undecidable(scenario: Scenario, strategies: Sequence[Strategy]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Commits in doubt are decided by revision numbers, of which plain reads let two commits leave the same."""
    plain = [each.name for each in strategies if PortAccess.PLAIN in _reads(each)]
    if not plain:
        return
    for number, fault in enumerate(scenario.faults):
        if isinstance(fault.chosen, Crash | ConnectionFault | FailOver):
            yield (
                ("faults", number),
                f"leaves commits in doubt, which nobody can decide in real time under {', '.join(plain)}: with a plain"
                " read two commits may leave the same revision of a port; run it in virtual time",
            )


def _reads(strategy: Strategy) -> tuple[PortAccess, ...]:
    policies = strategy.policies
    return (policies.first_read,) if policies.inside else (policies.first_read, policies.second_read)


def _told(fault: Any, *, is_private: bool) -> str | None:
    if isinstance(fault, DeadlockFault):
        return "is a deadlock: a real engine cannot be made to find one; run it in virtual time"
    if isinstance(fault, FailOver) and not is_private:
        return "is a failover: only a private server (--database postgresql or mariadb) is ever stopped"
    if isinstance(fault, Crash) and fault.point is not None and fault.point not in POINTS:
        return f"is a crash at {fault.point}: in real time a process can die at {', '.join(POINTS)}, or at_s"
    if isinstance(fault, ConnectionFault):
        if fault.when not in PLACES:
            return f"breaks a connection {fault.when}: in real time that can be {', '.join(PLACES)}"
        if fault.at_s is not None:
            return "breaks a connection at_s: in real time give probability or operation"
    return None


def faults_of(scenario: Scenario, kind: type[T]) -> Sequence[T]:
    """The faults of one kind, in the order of the file."""
    return [fault.chosen for fault in scenario.faults if isinstance(fault.chosen, kind)]
