"""Little's law on the resources of one run, in its exact form: two ways to add up the same time.

The time integral of how many are at a resource (table `levels`) equals the sum of the times that its visitors spent
there (the tables in which they left a row), to the microsecond, in any run of any system (Stidham, 1974); divided by
the length of the run it is L = lambda * W. Where visitors leave no row, or stay longer than the resource knows, one of
the two is larger: then the law is an inequality, and a `Balance` says which, and why.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sim.metrics import Table
from sim.running import Run
from sim.scenario import Driver, Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What was at a resource against what its visitors say, both in microseconds times visitors.

    `resource_longer` and `visitors_longer` are reasons for which the one may be larger than the other; without any the
    two are equal.
    """

    resource: str
    at_resource_us: int
    visitors_us: int
    resource_longer: tuple[str, ...] = ()
    visitors_longer: tuple[str, ...] = ()

    @property
    def is_exact(self) -> bool:
        """Whether nothing but equality will do."""
        return not self.resource_longer and not self.visitors_longer

    @property
    def holds(self) -> bool:
        """Whether the law does."""
        difference = self.at_resource_us - self.visitors_us
        return (difference <= 0 or bool(self.resource_longer)) and (difference >= 0 or bool(self.visitors_longer))


def balances(found: Run, scenario: Scenario) -> Iterator[Balance]:
    """The law for API workers, pools (in use, waiting), each controller, and row locks. The run needs a history."""
    yield _workers(found)
    yield _connections(found, scenario)
    yield _waits_for_connections(found)
    for controller in scenario.controllers:
        yield _controller(found, scenario, controller.name)
    yield _row_locks(found)


def integral_us(found: Run, resource: str, column: str) -> int:
    """The time integral of a level over the run, of all resources whose names begin so."""
    levels = found.tables.levels
    names = levels.codes("resource").names
    chosen = [code for code, name in enumerate(names) if name.startswith(resource)]
    return sum(_integral_of_one(found, code, column) for code in chosen)


def _integral_of_one(found: Run, code: int, column: str) -> int:
    levels = found.tables.levels
    own = levels.column("resource") == code
    at = np.append(levels.column("at_us")[own], found.virtual_us)
    return int((levels.column(column)[own] * np.diff(at)).sum())


def _everybody_us(found: Run, resource: str) -> int:
    return integral_us(found, resource, "in_use") + integral_us(found, resource, "queued")


# the resources


def _workers(found: Run) -> Balance:
    operations = found.tables.operations
    ended, began = operations.column("ended_us"), operations.column("started_us") >= 0
    died = operations.column("outcome") == operations.codes("outcome").find("died")
    left = np.where(ended >= 0, ended, found.virtual_us)
    left[died & began] = _deaths_us(found, operations, died & began)
    known = began | ~died
    return Balance(
        resource="api.workers",
        at_resource_us=_everybody_us(found, "api.workers"),
        visitors_us=int((left - operations.column("intended_us"))[known].sum()),
        resource_longer=() if known.all() else ("some died before they began, nobody says when",),
    )


def _deaths_us(found: Run, operations: Table, died: np.ndarray) -> list[int]:
    """When each of these operations died: at the first crash of its process after it had started."""
    assert found.history is not None
    faults = found.history.tables.faults
    crash = faults.column("kind") == faults.codes("kind").find("crash")
    crashes = list(zip(faults.column("at_us")[crash], faults.column("process")[crash], strict=True))
    lost = zip(operations.column("started_us")[died], operations.column("api_process")[died], strict=True)
    return [min(at for at, process in crashes if process == host and at >= started) for started, host in lost]


def _connections(found: Run, scenario: Scenario) -> Balance:
    transactions = found.tables.transactions
    held = int((transactions.column("ended_us") - transactions.column("began_us")).sum())
    turns = ("green threads hold them while they wait for their turn",) if scenario.api.kind == "eventlet" else ()
    return Balance(
        resource="db.pool, in use",
        at_resource_us=integral_us(found, "db.pool", "in_use"),
        visitors_us=held,
        resource_longer=(*_untold(found), *turns),
    )


def _waits_for_connections(found: Run) -> Balance:
    errors = found.tables.operations.codes("error").names
    logged = any(name.startswith("error_logged") for name in found.counts)
    in_vain = ("some waited in vain",) if "PoolTimeout" in errors or logged else ()
    return Balance(
        resource="db.pool, waiting",
        at_resource_us=integral_us(found, "db.pool", "queued"),
        visitors_us=int(found.tables.transactions.column("pool_wait_us").sum()),
        resource_longer=(*_untold(found), *in_vain),
    )


def _controller(found: Run, scenario: Scenario, name: str) -> Balance:
    calls = found.tables.driver_calls
    length = (calls.column("ended_us") - calls.column("began_us"))[_calls_of(calls, scenario, name)]
    return Balance(
        resource=name,
        at_resource_us=_everybody_us(found, name),
        visitors_us=int(length.sum()),
        resource_longer=(*_died(found), *_calls_outlive_callers(scenario, name, int(length.max(initial=0)))),
        visitors_longer=tuple(_callers_outlive_calls(scenario, name)),
    )


def _calls_of(calls: Table, scenario: Scenario, name: str) -> np.ndarray:
    """Which driver calls speak to a controller and do nothing else: a journal's precommits write rows instead."""
    chosen = np.zeros(len(calls), dtype=bool)
    for driver in _drivers_of(scenario, name):
        own = calls.column("driver") == calls.codes("driver").find(driver.name)
        binds = calls.column("method") == calls.codes("method").find("bind_port")
        chosen |= own & binds if driver.kind == "journal" else own
    return chosen


def _row_locks(found: Run) -> Balance:
    waits = found.tables.lock_waits
    return Balance(
        resource="row locks",
        at_resource_us=int((waits.column("to_us") - waits.column("from_us")).sum()),
        visitors_us=int(found.tables.transactions.column("lock_wait_us").sum()),
        resource_longer=_untold(found),
    )


# why the two may differ


def _died(found: Run) -> tuple[str, ...]:
    return (
        ("some died in it, or were not at the end",) if found.outcome != "ok" or "fault-crash" in found.counts else ()
    )


def _untold(found: Run) -> tuple[str, ...]:
    """Reasons for which transactions have no row: a dead process, the end of the run (a journal is always at work)."""
    levels = found.tables.levels
    open_at_end = any(_last_in_use(levels, code) for code in range(len(levels.codes("resource"))))
    return (*_died(found), *(("a transaction was open at the end",) if open_at_end else ()))


def _last_in_use(levels: Table, code: int) -> int:
    own = levels.column("in_use")[levels.column("resource") == code]
    return int(own[-1]) if len(own) else 0


def _calls_outlive_callers(scenario: Scenario, name: str, longest_us: int) -> Iterator[str]:
    controller = next(each for each in scenario.controllers if each.name == name)
    if any(driver.kind == "journal" for driver in _drivers_of(scenario, name)):
        yield "a journal's deliveries have no row"
    if longest_us >= round(controller.timeout_s * 1e6):
        yield "callers gave up"


def _callers_outlive_calls(scenario: Scenario, name: str) -> Iterator[str]:
    if any(driver.latency for driver in _drivers_of(scenario, name)):
        yield "a driver is slow by itself"
    if scenario.api.kind == "eventlet":
        yield "green threads wait for their turn with the answer"
    if any(fault.controller is not None and fault.controller.name == name for fault in scenario.faults):
        yield "calls or answers got lost"


def _drivers_of(scenario: Scenario, name: str) -> list[Driver]:
    return [driver for driver in scenario.drivers if driver.controller == name]
