"""MechanismManager: the ordered drivers, who is called and what an error does. Called by the plugin and the strategies.

It never touches the database; the effect of each failure is docs/design.md's table of failures.
"""

import logging
from collections.abc import Sequence

from core.binding.levels import level_below, may_be_asked
from core.binding.policies.delete_order import DeleteOrder
from core.context import Continuation, PortContext
from core.driver_api import MechanismDriver
from core.events import Observer
from core.exceptions import DatabaseConflict, InvalidInput, MechanismDriverError, TooManyLevels

LONGEST_DRIVER_NAME = 64
"""Characters that the column of ml2_port_bindings holds."""

LOG = logging.getLogger(__name__)


class MechanismManager:
    """Calls drivers in their order."""

    def __init__(
        self,
        drivers: Sequence[MechanismDriver],
        *,
        observer: Observer | None = None,
        delete_order: DeleteOrder = DeleteOrder.FORWARD,
    ) -> None:
        names = [driver.name for driver in drivers]
        if len(set(names)) != len(names):
            raise InvalidInput("drivers", names, "a list in which every driver's name is unique")
        too_long = [name for name in names if len(name) > LONGEST_DRIVER_NAME]
        if too_long:
            raise InvalidInput("driver name", too_long[0], f"at most {LONGEST_DRIVER_NAME} characters")
        self.drivers = tuple(drivers)
        self._deleting = self.drivers if delete_order is DeleteOrder.FORWARD else self.drivers[::-1]
        self._observer = observer or Observer()

    def initialize(self) -> None:
        """Lets every driver prepare; an exception passes through."""
        for driver in self.drivers:
            driver.initialize()

    def create_port_precommit(self, context: PortContext) -> None:
        """Stops at the first failure with MechanismDriverError; a DatabaseConflict passes through."""
        self._until_failure("create_port_precommit", context)

    def update_port_precommit(self, context: PortContext) -> None:
        """As create_port_precommit."""
        self._until_failure("update_port_precommit", context)

    def delete_port_precommit(self, context: PortContext) -> None:
        """As create_port_precommit."""
        self._until_failure("delete_port_precommit", context, self._deleting)

    def create_port_postcommit(self, context: PortContext) -> None:
        """Stops at the first failure with MechanismDriverError."""
        self._until_failure("create_port_postcommit", context)

    def update_port_postcommit(self, context: PortContext) -> None:
        """Calls all drivers, then raises MechanismDriverError if any failed."""
        failures = self._all("update_port_postcommit", context)
        if failures:
            raise MechanismDriverError("update_port_postcommit", failures) from failures[0][1]

    def delete_port_postcommit(self, context: PortContext) -> None:
        """Calls all drivers; failures are logged."""
        for name, error in self._all("delete_port_postcommit", context, self._deleting):
            LOG.error("driver %s failed after port %s was deleted: %s", name, context.port.id, error)
            self._observer.error_logged("delete_port_postcommit", context.port.id, error)

    def bind_port(self, context: PortContext) -> str | None:
        """Asks drivers in order until one has set a binding in the context; its name, or None when none has.

        Where one continues the binding, all are asked again one level below, and the result there is the context's. A
        failing driver is logged and passed over. A DatabaseConflict inside a transaction passes through.
        """
        is_below = context.port.binding.upper_levels
        for driver in self.drivers:
            if is_below and not may_be_asked(driver.name, context):
                continue
            error = self._call(driver, "bind_port", context)
            if error is not None:
                self._pass_over(driver, context, error)
            if context.result is not None:
                return driver.name
            if context.continuation is not None:
                bottom = self._bind_below(driver, context, context.continuation)
                if bottom is not None:
                    return bottom
        return None

    def _bind_below(self, driver: MechanismDriver, context: PortContext, continuation: Continuation) -> str | None:
        context.continuation = None
        try:
            below = level_below(driver.name, context, continuation)
        except TooManyLevels as error:
            self._pass_over(driver, context, error)
            return None
        bottom = self.bind_port(below)
        context.result = below.result
        return bottom

    def unbind_port(self, context: PortContext) -> None:
        """Tells the drivers that have bound the port, one a level; a failure is logged, but for a DatabaseConflict."""
        for driver in self._bound_drivers(context):
            error = self._call(driver, "unbind_port", context)
            if error is not None:
                self._pass_over(driver, context, error, "unbind_port")

    def validate_bound_port(self, context: PortContext) -> bool:
        """Whether the drivers that have bound the port, one a level, all stand by it; a failure is logged and a no."""
        answers: list[object] = []
        for driver in self._bound_drivers(context):
            error = self._call(driver, "validate_bound_port", context, answers)
            if error is not None:
                self._pass_over(driver, context, error, "validate_bound_port")
        return answers == [True] * len({name for name, _ in context.port.binding.levels})

    def _bound_drivers(self, context: PortContext) -> list[MechanismDriver]:
        names = [name for name, _ in context.port.binding.levels]
        return [driver for driver in self.drivers if driver.name in names]

    def _pass_over(
        self, driver: MechanismDriver, context: PortContext, error: Exception, method: str = "bind_port"
    ) -> None:
        if context.transaction is not None and isinstance(error, DatabaseConflict):
            raise error
        context.result = context.continuation = None
        LOG.error("driver %s failed in %s for port %s: %s", driver.name, method, context.port.id, error)
        self._observer.error_logged(method, context.port.id, error)

    def _until_failure(
        self, method: str, context: PortContext, drivers: Sequence[MechanismDriver] | None = None
    ) -> None:
        for driver in drivers or self.drivers:
            error = self._call(driver, method, context)
            if error is None:
                continue
            if context.transaction is not None and isinstance(error, DatabaseConflict):
                raise error
            raise MechanismDriverError(method, [(driver.name, error)]) from error

    def _all(
        self, method: str, context: PortContext, drivers: Sequence[MechanismDriver] | None = None
    ) -> list[tuple[str, Exception]]:
        failures = []
        for driver in drivers or self.drivers:
            error = self._call(driver, method, context)
            if error is not None:
                failures.append((driver.name, error))
        return failures

    def _call(
        self, driver: MechanismDriver, method: str, context: PortContext, answers: list[object] | None = None
    ) -> Exception | None:
        self._observer.driver_call_began(driver, method, context)
        failure: Exception | None = None
        try:
            answer = getattr(driver, method)(context)
            if answers is not None:
                answers.append(answer)
        except Exception as error:
            failure = error
        self._observer.driver_call_ended(driver, method, context, failure)
        return failure
