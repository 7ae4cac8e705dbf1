"""What a pencil gives: service demands, asymptotic bounds, Erlang C. Printed beside what was simulated.

sim.experiment.planning.planner makes it from the uses of a light and of the found load. It runs nothing.

Asymptotic bounds (Denning and Buzen, 1978): with D_k the time that an operation takes a place of resource k, divided
by its places, no throughput exceeds 1 / max D_k. The knee N* = (D + Z) / max D_k is the number of operations in the
system (for closed clients with think time Z, of clients) from which it must queue; D is the time of an operation where
nothing waits. Demands are measured at a light load, so that they hold as little waiting as there is.

Erlang C (1917): calls that come at random to c places, each taking an exponential time of mean s, at rate lambda:
with a = lambda s, P(wait) = B / (1 - a/c (1 - B)), B the Erlang B probability; mean wait = P(wait) s / (c - a).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from sim.experiment.planning.busy import Use
from sim.metrics.statistics import rounded
from sim.scenario import Controller, Scenario

LEAST_CV, MOST_CV = 0.9, 1.1  # coefficient of variation of what passes for exponential, no unit; assumption


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The asymptotic bounds. `knee` is in operations in the system, `empty_s` what an operation takes alone."""

    bottleneck: str
    bound_per_s: float
    empty_s: float
    knee: float

    def data(self) -> dict[str, Any]:
        """As it stands in JSON."""
        return {
            "bottleneck": self.bottleneck, "bound_per_s": rounded(self.bound_per_s), "empty_s": rounded(self.empty_s),
            "knee": rounded(self.knee),
        }  # fmt: skip


def bounds(uses: Sequence[Use], *, empty_s: float, think_s: float = 0.0) -> Bounds | None:
    """The bounds; None when nothing is used. `empty_s`: the time of an operation where nothing waits."""
    used = [use for use in uses if use.demand_s > 0]
    if not used or empty_s <= 0:
        return None
    worst = min(used, key=lambda use: use.places / use.demand_s)
    largest_s = worst.demand_s / worst.places
    return Bounds(
        bottleneck=worst.resource, bound_per_s=1 / largest_s, empty_s=empty_s, knee=(empty_s + think_s) / largest_s
    )


def think_s(scenario: Scenario) -> float:
    """The mean think time of closed clients, s; 0 for an open load."""
    closed = scenario.workload.arrivals.closed
    return 0.0 if closed is None else closed.think_time_s.build().mean_s


@dataclass(frozen=True, slots=True, kw_only=True)
class ErlangC:
    """One controller as M/M/c at a rate of calls, or why it is none."""

    controller: str
    why_not: str = ""
    calls_per_s: float = 0.0
    service_s: float = 0.0
    places: int = 0
    waits: float | None = None
    wait_s: float | None = None

    def data(self) -> dict[str, Any]:
        """As it stands in JSON."""
        return {
            "controller": self.controller, "why_not": self.why_not, "calls_per_s": rounded(self.calls_per_s),
            "service_s": rounded(self.service_s), "places": self.places,
            "probability_of_waiting": None if self.waits is None else rounded(self.waits),
            "mean_wait_s": None if self.wait_s is None else rounded(self.wait_s),
        }  # fmt: skip


def erlang_c(scenario: Scenario, controller: Controller, *, busy: float) -> ErlangC:
    """The controller at a load that keeps `busy` of its places taken on average."""
    why_not = _why_no_erlang(scenario, controller)
    if why_not:
        return ErlangC(controller=controller.name, why_not=why_not)
    service_s, places = controller.latency.bind.build().mean_s, controller.concurrency
    rate = busy / service_s
    if busy >= places:
        return ErlangC(controller=controller.name, why_not="all its places are always taken: no queue of it is stable")
    waits = probability_of_waiting(places, busy)
    return ErlangC(
        controller=controller.name, calls_per_s=rate, service_s=service_s, places=places, waits=waits,
        wait_s=waits * service_s / (places - busy),
    )  # fmt: skip


def probability_of_waiting(places: int, busy: float) -> float:
    """Erlang C for `busy` = lambda s below `places`."""
    blocked = 1.0  # Erlang B by its recursion in the number of places, which never overflows
    for count in range(1, places + 1):
        blocked = busy * blocked / (count + busy * blocked)
    return blocked / (1 - busy / places * (1 - blocked))


def _why_no_erlang(scenario: Scenario, controller: Controller) -> str:
    latency, arrivals = controller.latency, scenario.workload.arrivals
    if arrivals.poisson is None:
        return f"arrivals are '{arrivals.kind}', not Poisson"
    if latency.confirm.build().mean_s or latency.drop.build().mean_s:
        return "it works on calls of several kinds, bind and confirm or drop, which take different times"
    cv = variation_of(latency.bind.build())
    if cv is None or not LEAST_CV <= cv <= MOST_CV:
        told = "unknown" if cv is None else f"{cv:.2f}"
        return f"its bind latency is not near exponential: coefficient of variation {told}, not {LEAST_CV} to {MOST_CV}"
    return ""


def variation_of(distribution: Any) -> float | None:
    """Standard deviation over mean, from a thousand quantiles of equal weight; None for what takes no time."""
    values = [distribution.quantile((place + 0.5) / 1000) for place in range(1000)]
    mean = fmean(values)
    return None if mean <= 0 else float((fmean([value * value for value in values]) - mean * mean) ** 0.5 / mean)
