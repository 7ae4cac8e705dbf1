"""An experiment file in place of a scenario: what `bindsim compare FILE` makes of it. sim.cli.running calls it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from sim.cli.replicating import Asked
from sim.cli.status import Refused
from sim.scenario.experiments import Experiment, load_experiment, overrides_of

if TYPE_CHECKING:
    from sim.cli.running import Order


class AsFile(NamedTuple):
    """The scenario's name, the strategies (None: the scenario's own) and the order that a file and options make."""

    scenario: str
    strategies: Sequence[str] | None
    order: "Order"


def as_the_file_says(name: str, strategies: Sequence[str] | None, order: "Order") -> AsFile:
    """What an experiment file asks for; what is said on the command line comes before it. Raises ScenarioError."""
    experiment = load_experiment(name)
    if experiment.kind != "compare":
        raise Refused(f"{name} is an experiment of kind {experiment.kind}: {_other_command(experiment)}")
    changed = replace(
        order,
        seed=order.seed if _is_said("--seed", order.arguments) else experiment.seed,
        overrides=[*overrides_of(experiment), *order.overrides],
        asked=_replications(experiment, order.asked),
        verify=order.verify or experiment.verify,
    )
    return AsFile(experiment.scenario, experiment.strategies if strategies is None else strategies, changed)


def _other_command(experiment: Experiment) -> str:
    known = {"sweep": "sweep", "plan": "plan"}.get(experiment.kind, "publish")
    return f"bindsim {known} {experiment.source}"


def _is_said(option: str, arguments: Sequence[str]) -> bool:
    return any(each == option or each.startswith(f"{option}=") for each in arguments)


def _replications(experiment: Experiment, asked: Asked) -> Asked:
    if asked.replications is not None or asked.precision is not None:
        return asked
    return replace(asked, replications=experiment.replications, precision=experiment.precision)
