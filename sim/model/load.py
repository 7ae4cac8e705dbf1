"""The load: clients that send operations at their intended times, wait, lose patience, repeat, and go on.

Clients are callbacks of the kernel, no processes: sending takes them no time. A client that stops waiting leaves its
operation to the server, which goes on with it. The load knows the API only as something to submit requests to.
"""

from collections.abc import Callable
from functools import partial
from typing import Protocol

from sim.kernel import Constant, Draws, Kernel
from sim.model.arrivals import DRAWN_TENANT, open_arrivals
from sim.model.choices import CLEAN_UP
from sim.model.requests import Answer, Chain, Request
from sim.model.script import choices_of
from sim.model.steps import Step, compile_mix
from sim.model.whereabouts import Whereabouts
from sim.scenario import Scenario, Since

NO_CLIENT = -1


class Patience(Protocol):
    """How long clients wait where some have less patience than others (sim.model.faults.impatience)."""

    def patience_us(self, request: Request, usual_us: int | None) -> int | None:
        """How long the client of a request waits; `usual_us` is client.timeout_s."""

    def lost(self, request: Request) -> None:
        """The client of a request has stopped waiting."""


class Load:
    """Everything that clients do. `in_server` are the requests without an answer, in the order of sending.

    `submit` takes a request to the API, `record` writes it down with its answer, None for one that never had any.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        kernel: Kernel,
        draws: Draws,
        submit: Callable[[Request], None],
        record: Callable[[Request, Answer | None], None],
    ) -> None:
        self._scenario = scenario
        self._kernel = kernel
        self._clock = kernel.clock
        self._submit = submit
        self._record = record
        self._mix = compile_mix(scenario.workload)
        self._choices = choices_of(scenario, self._mix, draws)
        self._whereabouts = Whereabouts(scenario) if self._mix.has("activate") else None
        self._arrivals = open_arrivals(scenario, draws)
        self._numbers = self._arrivals.numbers or range(len(self._arrivals.at_us))
        self._next = 0
        self._until_us = round(scenario.horizon.duration_s * 1e6)
        client = scenario.workload.client
        self._timeout_us = None if client.timeout_s is None else round(client.timeout_s * 1e6)
        self.patience: Patience | None = None
        self._retries = client.retries
        self._on_timeout = client.on_timeout
        self._pause_us = round(client.retry_pause_s * 1e6)
        self._closed = _ClosedLoop(scenario) if scenario.workload.arrivals.is_closed else None
        self._unsettled = 0
        self.in_server: dict[Request, None] = {}
        self.skipped_follow_ups = 0

    def start(self) -> None:
        """Schedules the first arrivals. Call it once, before the run."""
        if self._closed is None:
            self._schedule_next()
        else:
            for client in range(self._closed.clients):
                self._kernel.at(0, partial(self._iterate, client, 0))

    @property
    def outstanding(self) -> int:
        """Requests without an answer, and what clients are still going to do."""
        return len(self.in_server) + self._unsettled + (len(self._arrivals.at_us) - self._next)

    # arrivals

    def _schedule_next(self) -> None:
        if self._next < len(self._arrivals.at_us):
            self._kernel.at(int(self._arrivals.at_us[self._next]), self._arrive)

    def _arrive(self) -> None:
        """Sends everything that arrives now, then waits for the next arrival."""
        now_us, at_us = self._clock.now_us, self._arrivals.at_us
        while self._next < len(at_us) and at_us[self._next] == now_us:
            number, tenant = self._numbers[self._next], int(self._arrivals.tenants[self._next])
            self._next += 1
            self._begin(number, tenant, NO_CLIENT)
        self._schedule_next()

    def _iterate(self, client: int, iteration: int) -> None:
        assert self._closed is not None
        if self._closed.leaves(iteration) or self._clock.now_us >= self._until_us:
            return
        self._begin(iteration * self._closed.clients + client, DRAWN_TENANT, client)

    def _begin(self, arrival: int, tenant: int, client: int) -> None:
        step = self._choices.root(arrival)
        operation = self._mix.operation(arrival, step)
        chain = Chain(arrival, self._choices.tenant(arrival) if tenant == DRAWN_TENANT else tenant, client)
        self._send(
            Request(
                step,
                chain,
                operation=operation,
                port=self._choices.port(step, operation, arrival),
                host=self._choices.host(step, operation),
                intended_us=self._clock.now_us,
            )
        )

    # sending and waiting

    def _send(self, request: Request) -> None:
        request.intended_us = self._clock.now_us
        self._promise(request.chain)
        self.in_server[request] = None
        timeout_us = self._timeout_us
        if self.patience is not None:
            timeout_us = self.patience.patience_us(request, timeout_us)
        if timeout_us is not None:
            request.timer = self._kernel.at(request.intended_us + timeout_us, partial(self._lose_patience, request))
        for step in request.step.then:
            if step.since == "start" and not request.repeat:
                self._schedule_follow_up(request, step)
        self._submit(request)

    def report(self, request: Request) -> None:
        """Sends an agent's report, which no client waits for."""
        request.settled = True
        self.in_server[request] = None
        self._submit(request)

    def _promise(self, chain: Chain) -> None:
        chain.pending += 1
        self._unsettled += 1

    def _keep(self, chain: Chain) -> None:
        chain.pending -= 1
        self._unsettled -= 1
        if not chain.pending and self._closed is not None:
            self._think(chain)

    def _think(self, chain: Chain) -> None:
        assert self._closed is not None
        iteration = chain.arrival // self._closed.clients
        think_us = self._closed.fixed_think_us
        if think_us is None:
            think_us = self._closed.think_time.quantile_us(self._choices.think(chain.arrival))
        self._kernel.at(self._clock.now_us + think_us, partial(self._iterate, chain.client, iteration + 1))

    def _later(self, delay_us: int, request: Request) -> None:
        """Sends a request after a pause; the chain is unsettled until then."""
        self._promise(request.chain)
        self._kernel.at(self._clock.now_us + delay_us, partial(self._send_promised, request))

    def _send_promised(self, request: Request) -> None:
        self._send(request)
        self._keep(request.chain)

    def _schedule_follow_up(self, parent: Request, step: Step) -> None:
        operation, host = self._choices.follow_up(parent, step)
        request = Request(step, parent.chain, operation=operation, port=parent.port, host=host, intended_us=-1)
        self._later(self._choices.after_us(operation, step), request)

    # answers

    def answered(self, request: Request, answer: Answer) -> None:
        """The server has answered (or died); called by the worker, or by whoever kills it."""
        del self.in_server[request]
        self._record(request, answer)
        if self._whereabouts is not None and answer.outcome == "ok":
            self._whereabouts.done(request)
        if request.step.agent_follows:
            self._follow(request, "notified", comes=answer.notified)
        if request.settled:
            if request.step.agent_follows:
                self._keep(request.chain)
            return
        request.settled = True
        if request.timer is not None:
            request.timer.cancel()
        if answer.outcome in ("error", "died") and self._may_repeat(request):
            self._later(self._pause_us, self._choices.repeated(request))
        else:
            self._follow(request, "end", comes=answer.outcome == "ok" or request.step.kind != "create_port")
        self._keep(request.chain)

    def _may_repeat(self, request: Request) -> bool:
        return request.repeat < self._retries and request.step is not CLEAN_UP

    def _lose_patience(self, request: Request) -> None:
        if self.patience is not None:
            self.patience.lost(request)
        request.settled = True
        if self._on_timeout == "repeat" and self._may_repeat(request):
            self._later(self._pause_us, self._choices.repeated(request))
        elif self._on_timeout == "delete" and request.step.kind in ("create_port", "update_port"):
            self._send(self._choices.clean_up(request))
            self._follow(request, "end", comes=False)
        else:
            self._follow(request, "end", comes=False)
        if not request.step.agent_follows:  # an agent has the patience that the client has not
            self._keep(request.chain)

    def _follow(self, request: Request, since: Since, *, comes: bool) -> None:
        """What comes after the end of an operation, if the client has a port to go on with; or after a notification."""
        for step in request.step.then:
            if step.since != since:
                continue
            if comes:
                self._schedule_follow_up(request, step)
            else:
                self.skipped_follow_ups += 1

    def abandon(self) -> None:
        """The run is over: what has no answer is written down without one."""
        for request in self.in_server:
            self._record(request, None)


class _ClosedLoop:
    """The numbers of a closed load."""

    def __init__(self, scenario: Scenario) -> None:
        closed = scenario.workload.arrivals.closed
        assert closed is not None
        self.clients = closed.clients
        self.think_time = closed.think_time_s.build()
        self.fixed_think_us = self.think_time.quantile_us(0.5) if isinstance(self.think_time, Constant) else None
        self._iterations = closed.iterations

    def leaves(self, iteration: int) -> bool:
        """Whether a client has done all that it wanted."""
        return self._iterations is not None and iteration >= self._iterations
