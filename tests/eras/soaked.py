"""The soak's cases under a preset or a composition: whether it keeps what it says that it promises."""

from collections import Counter
from dataclasses import replace
from typing import Any

from core.binding.policies import BindingRow
from sim.scenario import Strategy
from sim.simulation import many_runs
from sim.soak.case import Case
from sim.soak.drawing import draw_case
from sim.soak.play import play

SEED = 6


def broken_promises(strategy: dict[str, Any], *, runs: int, first: int = 0) -> Counter[tuple[str, str]]:
    """(property, cause) of each broken promise, with the number of runs that broke it.

    Draws are those of the soak but for the strategy; a lost agent or an eventlet hub may be among them. Initial ports
    that are not bound have no binding row where that is inserted on demand.
    """
    found: Counter[tuple[str, str]] = Counter()
    with many_runs():
        for number in range(first, first + runs):
            case = draw_case(SEED, number)
            data = {**case.data, "strategies": [strategy], "workload": _load(case, strategy)}
            played = play(replace(case, data=data))
            found.update(
                {(verdict.name, finding.cause) for verdict in played.report.broken for finding in verdict.findings}
            )
    return found


def _load(case: Case, strategy: dict[str, Any]) -> dict[str, Any]:
    load: dict[str, Any] = case.data["workload"]
    on_demand = Strategy.model_validate(strategy).policies.binding_row is BindingRow.ON_DEMAND
    if not on_demand or load["ports"]["bound"]:
        return load
    return {**load, "ports": {**load["ports"], "with_host": False}}
