"""A request: one operation that a client has sent to the API. Made by the load, served by workers."""

from sim.kernel import Timer
from sim.model.steps import PortIndex, Step

NOT_YET = -1


class Chain:
    """What one arrival has set off: an operation, its repeats and its follow-ups. `pending` are not settled."""

    __slots__ = ("arrival", "client", "pending", "tenant")

    def __init__(self, arrival: int, tenant: int, client: int) -> None:
        self.arrival = arrival
        self.tenant = tenant
        self.client = client
        self.pending = 0


class Request:
    """One operation. `original` is the number of the operation that it repeats, its own if it is the first.

    `host` is the number of the host that it names, -1 for none. `inactive_host` is that of an inactive binding which it
    leaves for others to delete: the same, unless it has activated that one. The client that sent it has `settled` when
    it got an answer or stopped waiting; the server may go on.
    """

    __slots__ = (
        "api_process",
        "chain",
        "host",
        "inactive_host",
        "intended_us",
        "operation",
        "original",
        "port",
        "repeat",
        "settled",
        "started_us",
        "step",
        "timer",
    )

    def __init__(
        self, step: Step, chain: Chain, *, operation: int, port: PortIndex, host: int, intended_us: int
    ) -> None:
        self.step = step
        self.chain = chain
        self.operation = operation
        self.original = operation
        self.repeat = 0
        self.port = port
        self.host = host
        self.inactive_host = host
        self.intended_us = intended_us
        self.started_us = NOT_YET
        self.api_process = -1
        self.settled = False
        self.timer: Timer | None = None  # the client's patience


class Answer:
    """How a request ended at the server: an outcome of sim.metrics.tables, the error's name, whether the port is bound.

    `bound` is 1 or 0, -1 where no host was given or nothing was returned. `notified`: the agent of the port's host was
    told of a change.
    """

    __slots__ = ("bound", "error", "notified", "outcome")

    def __init__(self, outcome: str, error: str | None = None, bound: int = -1) -> None:
        self.outcome = outcome
        self.error = error
        self.bound = bound
        self.notified = False
