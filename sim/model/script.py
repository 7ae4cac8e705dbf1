"""What scripted operations are about: what the script says, and keyed draws for whatever it leaves open.

Used by the load. An item's number takes the place of an arrival's, so its operation has the same number, and the same
draws, whichever other items the script has.
"""

from sim.kernel import Draws
from sim.model.choices import NO_HOST, NO_PORT, Choices
from sim.model.steps import Mix, PortIndex, Step
from sim.scenario import Scenario, ScriptedOperation


class ScriptedChoices(Choices):
    """The choices of a script. A client's repeat of a create draws its host, as that of any other."""

    def __init__(self, scenario: Scenario, mix: Mix, draws: Draws) -> None:
        super().__init__(scenario, mix, draws)
        script = scenario.workload.arrivals.script or ()
        self._slots = mix.slots_per_step
        self._steps = {item.number: _step(item) for item in script}
        self._ports_given = {item.number: self._port_of(item) for item in script if item.needs_port}
        self._hosts_given = {item.number * self._slots: item.host for item in script if item.host is not None}

    def _port_of(self, item: ScriptedOperation) -> PortIndex:
        if item.port_of is not None:
            return self._initial + item.port_of * self._slots
        return NO_PORT if item.port is None else item.port

    def root(self, arrival: int) -> Step:
        """The operation with this number."""
        return self._steps[arrival]

    def port(self, step: Step, operation: int, arrival: int) -> PortIndex:
        """The port that the script names; a new one for a create."""
        if step.kind == "create_port":
            return self._initial + operation
        return self._ports_given.get(arrival, NO_PORT)

    def host(self, step: Step, operation: int, *, moved_from: int = NO_HOST) -> int:
        """The host that the script names; drawn where it names none."""
        given = self._hosts_given.get(operation)
        return super().host(step, operation, moved_from=moved_from) if given is None else given


def _step(item: ScriptedOperation) -> Step:
    return Step(
        item.operation,
        item.label,
        0,
        binds=bool(item.bind),
        changes=item.change or "",
        filters=item.filter or "",
        status=item.status or "",
        value=item.value,
    )


def choices_of(scenario: Scenario, mix: Mix, draws: Draws) -> Choices:
    """The choices of a scenario's load, scripted or drawn."""
    scripted = scenario.workload.arrivals.script is not None
    return (ScriptedChoices if scripted else Choices)(scenario, mix, draws)
