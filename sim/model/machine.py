"""The machine of the API processes: its cores, and who else computes on them.

The API processes always do. The database does where the scenario says that it is on the same machine, and so does the
load generator, one process that sends one request after the other, where the scenario says what that costs.
"""

from collections.abc import Callable

from sim.database import SharedCores
from sim.kernel import FifoResource, Kernel
from sim.model.call_computing import CallComputing
from sim.scenario import Scenario


class Machine:
    """`cores` is the one queue of all that compute. `is_shared` says whether others than API processes do; `calls` is
    what these compute for a call of the database."""

    def __init__(self, scenario: Scenario, kernel: Kernel) -> None:
        api = scenario.api
        self.cores = SharedCores(kernel, api.cores, busy_factor=api.busy_core_factor or 1.0)
        self.calls = CallComputing(scenario)
        self._kernel = kernel
        self._load_us, self._delay_us = _us(api.load_cpu_s), _us(api.load_delay_s)
        self._answer_us, self._background_us = _us(api.answer_cpu_s), _us(api.background_cpu_s)
        self._generator = FifoResource(kernel, "load generator", 1)
        self.has_generator = bool(self._load_us or self._delay_us or self._answer_us)
        self.is_shared = bool(scenario.database.on_api_machine or self.has_generator or self._background_us)

    def sends(self, deliver: Callable[[], None]) -> None:
        """The load generator computes for a request, which then is delivered."""
        self._kernel.start(lambda: self._send(deliver), name="load generator")

    def _send(self, deliver: Callable[[], None]) -> None:
        self._generate(self._load_us)
        if self._delay_us:
            self._kernel.sleep_us(self._delay_us, "request on its way")
        deliver()

    def receives(self, take: Callable[[], None]) -> None:
        """The load generator computes for an answer and then takes it."""
        self._kernel.start(lambda: self._receive(take), name="load generator")

    def _receive(self, take: Callable[[], None]) -> None:
        self._generate(self._answer_us)
        take()

    def _generate(self, cpu_us: int) -> None:
        if cpu_us:
            self._generator.acquire("load generator")
            self._compute(cpu_us)
            self._generator.release()

    def answered(self) -> None:
        """An operation is over: what others still compute for it, nobody waits for."""
        if self._background_us:
            self._kernel.start(lambda: self._compute(self._background_us), name="background")

    def _compute(self, cpu_us: int) -> None:
        self.cores.execute(cpu_us, "computing")


def _us(seconds: float | None) -> int:
    return round((seconds or 0) * 1e6)
