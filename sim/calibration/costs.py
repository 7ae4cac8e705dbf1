"""Costs: what a scenario needs to know, computed from what was measured. It asks nothing of any database.

A call is taken apart: the caller's computing (thread time), the server's (its thread's time), and the rest, which is
waiting. The waiting of a statement that does nothing is the round trip; what COMMIT waits beyond it is the
flush. Where the server's time could not be read, a statement's execution is what it lasts longer than one that does
nothing, and the round trip holds the server's least work.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sim.calibration.busy import NOT_KNOWN, BusyCores, busy_cores
from sim.calibration.commits import Commits
from sim.calibration.measuring import Measured
from sim.calibration.operations import OperationTimings
from sim.calibration.service import Service
from sim.calibration.stopwatch import BEGIN, CLOSE, COMMIT, READ_ONLY, ROLLBACK, TRIVIAL, Nanoseconds, Timings, joined
from sim.fitting import FEWEST_ROWS, Column, DurationFit, fit_durations

_OTHERS = (BEGIN, COMMIT, READ_ONLY, ROLLBACK, CLOSE, TRIVIAL)
_A_TRIP = 0.5  # of a bare round trip: what BEGIN must last to be one (assumption: it is one or none)
_LARGEST_FIT = 2_000  # values; more say nothing that is larger than what another day's measurement changes
_GAIN = 1.1  # commits a second over what one flush after the other allows: below, nothing is shared (assumption)

HALF = 0.5  # of the load generator's computing for an operation: before it, and after it (assumption)

Seconds = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CallCosts:
    """One name: how long it lasts where nobody waits for a core, and the caller's computing, means, s; the server's
    computing, fitted; how often it was seen."""

    name: str
    count: int
    lasts_s: float
    cpu_s: float
    server: DurationFit

    @property
    def server_s(self) -> float:
        """The server's computing, mean, s."""
        return float(self.server.column.values.mean())


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationCosts:
    """One kind of operation under one strategy, means: s and counts."""

    strategy: str
    kind: str
    count: int
    wall_s: float
    client_s: float
    own_s: float
    """Of that, outside transactions."""
    inside_s: float
    """Of that, the core's own inside transactions."""
    statements: float
    transactions: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Costs:
    """All of it. `begin` is None where BEGIN is no round trip of its own, as in MariaDB's driver."""

    knows_server: bool
    round_trip_s: float
    trivial: CallCosts
    begin: CallCosts | None
    statements: dict[str, CallCosts]
    everything: CallCosts
    """All statements alike: a mix of every operation as often as every other."""
    commit: CallCosts
    commit_read_only: CallCosts
    close: CallCosts
    flush: DurationFit
    commit_slots: int
    commits: tuple[Commits, ...]
    operations: tuple[OperationCosts, ...]
    inside_per_statement_s: float
    rest_s: float = 0.0
    """Computing of an API process for one operation outside it, s: messages."""
    load_s: float = 0.0
    """Computing of the load generator for one operation, s."""
    delay_s: float = 0.0
    """What a request takes to reach a worker beyond the generator's computing, s."""
    busy: BusyCores = NOT_KNOWN
    """How much quicker computing is on a core that was busy."""
    both_s: float = 0.0
    """How long client and server compute at once for a statement, mean, s."""
    server_own_s: float = 0.0
    """Computing of the server's own threads for one operation, s."""

    def cpu_s(self, kind: str | None = None) -> float:
        """The caller's computing for an operation of this kind outside its SQL, s: connections given back, messages.

        Strategies count alike, and so do kinds where none is named.
        """
        chosen = [operation for operation in self.operations if kind in (None, operation.kind)]
        return self.rest_s + float(np.mean([each.own_s + each.transactions * self.close.cpu_s for each in chosen]))

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of operations that were measured."""
        return tuple(dict.fromkeys(operation.kind for operation in self.operations))

    def cpu_s_of(self, call: CallCosts) -> float:
        """The caller's computing for one call of a statement, the core's own around it included, s."""
        return call.cpu_s + self.inside_per_statement_s

    @property
    def unseen_s(self) -> float:
        """Computing for an operation that nobody waits for, mean, s: the server's own threads', what it still does for
        a transaction when the client has its answer, and what it does while the client computes too."""
        transactions = float(np.mean([operation.transactions for operation in self.operations]))
        statements = float(np.mean([operation.statements for operation in self.operations]))
        return self.server_own_s + transactions * self.close.server_s + statements * self.both_s


def costs_of(measured: Measured) -> Costs:
    """The costs in a measurement."""
    return _Reckoning(measured).costs()


class _Reckoning:
    """The steps, in their order. Waiting comes from calls on an idle machine, computing from those in service."""

    def __init__(self, measured: Measured) -> None:
        self._measured = measured
        self._knows = measured.circumstances.knows_server
        self._calls = dict(measured.calls)
        self._operations = measured.operations
        if measured.service is not None and self._knows:
            self._take(measured.service)
        first, second = measured.calls[TRIVIAL, True], measured.calls[TRIVIAL, False]
        self._trip_s = float(np.median(second.waiting_ns)) / 1e9
        apart_s = _middle(first.undisturbed_ns) - _middle(second.undisturbed_ns)
        self._begins = apart_s > _A_TRIP * _middle(second.undisturbed_ns)
        self._begin = self._difference(first, second) if self._begins else (0.0, 0.0, 0.0)

    def _take(self, service: Service) -> None:
        """Takes what was seen in service, by name; its waiting is mostly for cores, which the model makes itself."""
        seen = {name for name, _ in service.calls}
        self._calls = {key: calls for key, calls in self._calls.items() if key[0] not in seen} | service.calls
        self._operations = service.operations

    def _difference(self, first: Timings, second: Timings) -> tuple[float, float, float]:
        """By the clock, the caller's computing, the server's; s. As much more in service as statements take there."""
        pairs = (
            (first.undisturbed_ns, second.undisturbed_ns),
            (first.client_ns, second.client_ns),
            (self._server(first), self._server(second)),
        )
        wall_s, client_s, server_s = (max(0.0, _middle(a) - _middle(b)) for a, b in pairs)
        return wall_s, client_s * self._warmth("client_ns"), server_s * self._warmth("server_ns")

    def _warmth(self, what: str) -> float:
        """How much longer the same statements compute in service than on an idle machine, as a ratio."""
        idle = self._measured.calls
        ratios = [
            float(getattr(self._calls[key], what).mean() / getattr(idle[key], what).mean())
            for key in idle
            if not key[1] and key[0] not in _OTHERS and key in self._calls and getattr(idle[key], what).any()
        ]
        return float(np.median(ratios)) if ratios else 1.0

    def costs(self) -> Costs:
        measured = self._measured
        calls, commit, service = self._calls, measured.calls[COMMIT, False], measured.service
        statements = {name: self._call(name, self._of(name)) for name in self._names()}
        operations = tuple(_operation(strategy, kind, found) for (strategy, kind), found in self._operations.items())
        flush = _fit("flush", np.maximum(commit.waiting_ns / 1e9 - self._trip_s, 0))
        return Costs(
            knows_server=self._knows,
            round_trip_s=self._trip_s,
            trivial=self._call(TRIVIAL, calls[TRIVIAL, False]),
            begin=self._begin_costs(),
            statements=statements,
            everything=self._call("all statements", joined(self._of(name) for name in self._names())),
            commit=self._call(COMMIT, _apart(calls[COMMIT, False])),
            commit_read_only=self._call(READ_ONLY, _apart(calls[READ_ONLY, False])),
            close=self._call(CLOSE, calls[CLOSE, False]),
            flush=flush,
            commit_slots=_slots(measured.commits, float(flush.column.values.mean())),
            commits=measured.commits,
            operations=operations,
            inside_per_statement_s=_inside_per_statement(self._operations),
            rest_s=0.0 if service is None else service.rest_s,
            load_s=0.0 if service is None else service.load_s,
            delay_s=0.0 if service is None else max(0.0, service.dispatch_s - HALF * service.load_s),
            busy=NOT_KNOWN if service is None else busy_cores(service.calls),
            both_s=self._both_s(),
            server_own_s=0.0 if service is None else service.server_s or 0.0,
        )

    def _both_s(self) -> float:
        """Of statements, by how often each is seen; not known where the server does not tell."""
        seen = [timings.both_ns for (name, _), timings in self._calls.items() if name not in _OTHERS]
        return float(np.concatenate(seen).mean()) / 1e9 if self._knows else 0.0

    def _names(self) -> list[str]:
        return sorted({name for name, _ in self._calls} - set(_OTHERS))

    def _of(self, name: str) -> Timings:
        """All calls of a statement, without what BEGIN added to those that were first."""
        calls = self._calls
        parts = [_apart(calls[name, False])] if (name, False) in calls else []
        if (name, True) in calls:
            parts.append(self._without_begin(_apart(calls[name, True])))
        return joined(parts)

    def _without_begin(self, first: Timings) -> Timings:
        wall_s, client_s, server_s = self._begin
        return replace(
            first, wall_ns=_less(first.wall_ns, wall_s), client_ns=_less(first.client_ns, client_s),
            server_ns=_less(first.server_ns, server_s),
        )  # fmt: skip

    def _begin_costs(self) -> CallCosts | None:
        if not self._begins:
            return None
        wall_s, client_s, server_s = self._begin
        count = len(self._measured.calls[TRIVIAL, True])
        return CallCosts(
            name=BEGIN, count=count, lasts_s=wall_s, cpu_s=client_s, server=_fit(BEGIN, np.full(FEWEST_ROWS, server_s))
        )

    def _call(self, name: str, timings: Timings) -> CallCosts:
        return CallCosts(
            name=name, count=len(timings), lasts_s=_mean(timings.undisturbed_ns), cpu_s=_mean(timings.client_ns),
            server=_fit(name, self._server(timings) / 1e9),
        )  # fmt: skip

    def _server(self, timings: Timings) -> Seconds:
        """The server's computing, ns; without its clock, what lasted longer than a bare round trip."""
        if self._knows:
            return timings.server_ns.astype(np.float64)
        return np.asarray(np.maximum(timings.waiting_ns - 1e9 * self._trip_s, 0.0), dtype=np.float64)


def _apart(timings: Timings) -> Timings:
    """Without what the server computes while the client computes too: nobody waits for that."""
    return replace(timings, server_ns=np.maximum(timings.server_ns - timings.both_ns, 0))


def _mean(values: Nanoseconds | Seconds) -> float:
    """Of nanoseconds, in seconds."""
    return float(values.mean()) / 1e9


def _middle(values: Nanoseconds | Seconds) -> float:
    """The median of nanoseconds, in seconds: of small differences, which one odd call would hide."""
    return float(np.median(values)) / 1e9


def _less(values: Nanoseconds, seconds: float) -> Nanoseconds:
    return np.asarray(np.maximum(values - round(seconds * 1e9), 0), dtype=np.int64)


def _fit(name: str, values_s: Seconds) -> DurationFit:
    ordered = np.sort(np.round(values_s, 9))
    if len(ordered) > _LARGEST_FIT:
        ordered = ordered[np.linspace(0, len(ordered) - 1, _LARGEST_FIT).round().astype(int)]
    return fit_durations(Column(values=ordered, file="", name=name, where="", rows=len(values_s), without=0, sha256=""))


def _operation(strategy: str, kind: str, found: OperationTimings) -> OperationCosts:
    return OperationCosts(
        strategy=strategy, kind=kind, count=len(found), wall_s=_mean(found.wall_ns), client_s=_mean(found.client_ns),
        own_s=_mean(found.outside_ns), inside_s=_mean(found.inside_ns), statements=float(found.statements.mean()),
        transactions=float(found.transactions.mean()),
    )  # fmt: skip


def _inside_per_statement(operations: Mapping[tuple[str, str], OperationTimings]) -> float:
    inside_ns = sum(int(found.inside_ns.sum()) for found in operations.values())
    return inside_ns / max(1, sum(int(found.statements.sum()) for found in operations.values())) / 1e9


def _slots(found: Sequence[Commits], flush_s: float) -> int:
    """How many transactions one flush makes durable, as far as so few writers tell.

    One flush after the other allows 1 / flush_s commits a second, and no number of writers changes that. Where it is
    not so, nothing speaks against the servers' own rule: whoever waits is in the next flush.
    """
    several = [commits.rate_per_s * flush_s for commits in found if commits.writers > 1]
    is_one_by_one = all(1 / _GAIN < rate < _GAIN for rate in several)
    return 1 if is_one_by_one else max(commits.writers for commits in found)
