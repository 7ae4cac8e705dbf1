"""What an operation is about: its port, its host, its delays. Keyed draws alone, so that every strategy sees the same.

Used by the load. Nothing here knows whether a port exists when the operation comes.
"""

from sim.kernel import Draws
from sim.model.requests import Request
from sim.model.skew import Skew
from sim.model.steps import Mix, PortIndex, Step
from sim.scenario import Scenario
from sim.scenario.kinds import OF_MADE_BINDING, WITHOUT_PORT

NO_PORT = -1
NO_HOST = -1

CLEAN_UP = Step("delete_port", "delete_port", 0, binds=False, changes="", filters="")
"""What an impatient client does that deletes; it is never repeated and nothing follows it."""

_NAME_NO_HOST = ("delete_port", "get_port", "get_device_details", "update_port_status")


class Choices:
    """All choices of a scenario's load."""

    def __init__(self, scenario: Scenario, mix: Mix, draws: Draws) -> None:
        ports, topology = scenario.workload.ports, scenario.topology
        self._mix = mix
        self._draws = draws
        self._initial = ports.initial
        self._ports = Skew(ports.initial, zipf_s=ports.zipf_s, hot=ports.hot)
        self._hosts = Skew(topology.hosts, zipf_s=scenario.workload.hosts.zipf_s)
        self._tenants = topology.tenants
        self._entry = draws.purpose("load entry")
        self._tenant = draws.purpose("load tenant")
        self._target = draws.purpose("load target")
        self._host = draws.purpose("load host")
        self._after = draws.purpose("load follow-up")
        self._other = draws.purpose("load other")

    def root(self, arrival: int) -> Step:
        """The entry of the mix that an arrival is."""
        if len(self._mix.roots) == 1:
            return self._mix.roots[0]
        return self._mix.root(self._draws.uniform(self._entry, arrival))

    def tenant(self, arrival: int) -> int:
        """The tenant of an arrival that has none."""
        return int(self._draws.uniform(self._tenant, arrival) * self._tenants)

    def think(self, operation: int) -> float:
        """A uniform number for whatever else belongs to an operation."""
        return self._draws.uniform(self._other, operation)

    def after_us(self, operation: int, step: Step) -> int:
        """How long after its parent a follow-up comes."""
        if step.fixed_after_us is not None:
            return step.fixed_after_us
        assert step.after is not None
        return step.after.quantile_us(self._draws.uniform(self._after, operation))

    def port(self, step: Step, operation: int, arrival: int) -> PortIndex:
        """The port that an arrival is about: a new one, one of the initial ones, or one that was created before it.

        Without initial ports the target is that of an earlier arrival, which may not have created it yet, or may have
        deleted it; NO_PORT when none before creates any.
        """
        if step.kind == "create_port":
            return self._initial + operation
        if step.kind in WITHOUT_PORT and step.filters != "device":
            return NO_PORT
        uniform = self._draws.uniform(self._target, operation)
        if self._initial:
            return self._ports.pick(uniform)
        return self._created_before(arrival, int(uniform * arrival))

    def _created_before(self, arrival: int, drawn: int) -> PortIndex:
        for other in (*range(drawn, -1, -1), *range(drawn + 1, arrival)):
            root = self.root(other)
            if other < arrival and root.kind == "create_port":
                return self._initial + self._mix.operation(other, root)
        return NO_PORT

    def host(self, step: Step, operation: int, *, moved_from: int = NO_HOST) -> int:
        """The host that an operation names; never the one that its parent in the chain named, if there is another.

        What is about a further binding of a port names its parent's, which made that binding.
        """
        if step.kind in OF_MADE_BINDING:
            return moved_from
        names_one = step.binds if step.kind == "create_port" else step.changes == "host"
        if step.kind in WITHOUT_PORT:
            names_one = step.filters == "host"
        if step.kind == "create_binding":
            names_one = True
        if step.kind in _NAME_NO_HOST or not names_one:
            return NO_HOST
        host = self._hosts.pick(self._draws.uniform(self._host, operation))
        return (host + 1) % self._hosts.count if host == moved_from else host

    def follow_up(self, parent: Request, step: Step) -> tuple[int, int]:
        """The number of a follow-up's operation, and its host: a deletion's is that of the binding that is inactive."""
        operation = self._mix.operation(parent.chain.arrival, step)
        if step.kind == "delete_binding":
            return operation, parent.inactive_host
        return operation, self.host(step, operation, moved_from=parent.host)

    def repeated(self, request: Request) -> Request:
        """The same again: a create makes a new port, on a host drawn anew.

        That is what Nova does: after an error or its own timeout it does not ask for the first port, but builds the
        instance elsewhere with a new one; the first stays behind unless somebody deletes it (bug 1543880 was such a
        pair). An update or a read is repeated as it was.
        """
        step, operation = request.step, request.operation + 1
        creates = step.kind == "create_port"
        again = Request(
            step,
            request.chain,
            operation=operation,
            port=self._initial + operation if creates else request.port,
            host=self.host(step, operation) if creates else request.host,
            intended_us=request.intended_us,
        )
        again.original, again.repeat = request.original, request.repeat + 1
        return again

    def clean_up(self, request: Request) -> Request:
        """The deletion by which an impatient client gets rid of its port, under the last of the operation's numbers.

        It knows the port although it had no answer: Nova finds the ports of an instance by device_id.
        """
        operation = request.original + self._mix.slots_per_step - 1
        return Request(CLEAN_UP, request.chain, operation=operation, port=request.port, host=NO_HOST, intended_us=-1)
