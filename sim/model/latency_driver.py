"""A wrapper that slows down, and lets fail, any mechanism driver: for drivers of the core, of users, in both clocks.

It sleeps through the Runtime, so in virtual time it costs no real time and in wall-clock time it really sleeps. It adds
to what the driver does by itself, and changes nothing else.
"""

from collections.abc import Mapping
from typing import Protocol

from core.context import PortContext
from core.driver_api import MechanismDriver
from core.runtime import Runtime
from sim.kernel import Distribution, Draws
from sim.model.work import current_work


class InjectedError(Exception):
    """A call that the scenario lets fail before it does anything."""


class CallUniforms(Protocol):
    """Where the wrapper gets its uniform numbers from."""

    def uniform(self, purpose: int) -> float:
        """A number in (0, 1) for the caller's next draw with this purpose."""


class KeyedUniforms:
    """Numbers keyed by the running operation and how often it has drawn for the purpose."""

    def __init__(self, draws: Draws) -> None:
        self._draws = draws

    def uniform(self, purpose: int) -> float:
        """The operation's next number."""
        work = current_work()
        return self._draws.uniform(purpose, work.key, work.count(purpose))


class LatencyInjectingDriver(MechanismDriver):
    """Wraps `inner`; `latency` and `error_probability` by method name. A missing method is called as it is.

    A call first sleeps, then raises InjectedError with the given probability, then calls the inner driver.
    """

    def __init__(
        self,
        inner: MechanismDriver,
        *,
        runtime: Runtime,
        uniforms: CallUniforms,
        latency: Mapping[str, Distribution],
        error_probability: Mapping[str, float] | None = None,
    ) -> None:
        self.inner = inner
        self.name = inner.name
        self._runtime = runtime
        self._uniforms = uniforms
        self._latency = {
            method: (Draws.purpose(f"injected latency {inner.name} {method}"), distribution)
            for method, distribution in latency.items()
        }
        self._errors = {
            method: (Draws.purpose(f"injected error {inner.name} {method}"), probability)
            for method, probability in (error_probability or {}).items()
        }

    def heal(self) -> None:
        """From now on no call is made to fail."""
        self._errors = {}

    def initialize(self) -> None:
        """The inner driver's."""
        self.inner.initialize()

    def bind_port(self, context: PortContext) -> None:
        """The inner driver's, delayed."""
        self._delay("bind_port")
        self.inner.bind_port(context)

    def create_port_precommit(self, context: PortContext) -> None:
        """The inner driver's, delayed."""
        self._delay("create_port_precommit")
        self.inner.create_port_precommit(context)

    def create_port_postcommit(self, context: PortContext) -> None:
        """The inner driver's, delayed."""
        self._delay("create_port_postcommit")
        self.inner.create_port_postcommit(context)

    def update_port_precommit(self, context: PortContext) -> None:
        """The inner driver's, delayed."""
        self._delay("update_port_precommit")
        self.inner.update_port_precommit(context)

    def update_port_postcommit(self, context: PortContext) -> None:
        """The inner driver's, delayed."""
        self._delay("update_port_postcommit")
        self.inner.update_port_postcommit(context)

    def delete_port_precommit(self, context: PortContext) -> None:
        """The inner driver's, delayed."""
        self._delay("delete_port_precommit")
        self.inner.delete_port_precommit(context)

    def delete_port_postcommit(self, context: PortContext) -> None:
        """The inner driver's, delayed."""
        self._delay("delete_port_postcommit")
        self.inner.delete_port_postcommit(context)

    def unbind_port(self, context: PortContext) -> None:
        """The inner driver's, delayed."""
        self._delay("unbind_port")
        self.inner.unbind_port(context)

    def validate_bound_port(self, context: PortContext) -> bool:
        """The inner driver's answer, delayed."""
        self._delay("validate_bound_port")
        return self.inner.validate_bound_port(context)

    def _delay(self, method: str) -> None:
        latency = self._latency.get(method)
        if latency is not None:
            purpose, distribution = latency
            self._runtime.sleep(distribution.quantile(self._uniforms.uniform(purpose)))
        error = self._errors.get(method)
        if error is not None:
            purpose, probability = error
            if self._uniforms.uniform(purpose) < probability:
                raise InjectedError(f"{method} of {self.name} was made to fail")
