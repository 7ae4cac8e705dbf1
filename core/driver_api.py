"""The third seam: what a mechanism driver is. Every driver derives from `MechanismDriver` and overrides what it needs.

Calls for one port come from whichever thread serves the request; a driver must expect concurrent calls, and postcommits
of different operations on one port in any order (revision_number tells which state is newer).
"""

from core.context import PortContext


class MechanismDriver:
    """Base of all mechanism drivers; every method does nothing.

    `name` is unique among the plugin's drivers and appears in bindings, errors and results.
    """

    name: str = "mechanism"

    def initialize(self) -> None:
        """Called once, after all drivers exist and before the first request. An exception stops the start."""

    def create_port_precommit(self, context: PortContext) -> None:
        """Called inside the transaction that creates the port, after its rows are written.

        `context.original` is None; `current` is unbound with deferred binding, already bound (or failed) with
        in-transaction binding. May use `context.transaction`; must not block. An exception rolls the creation back
        and reaches the caller as MechanismDriverError; a DatabaseConflict passes through and repeats the transaction.
        """

    def create_port_postcommit(self, context: PortContext) -> None:
        """Called after the creation has committed, outside any transaction; may block.

        An exception stops the calls to later drivers, deletes the port again and reaches the caller.
        """

    def update_port_precommit(self, context: PortContext) -> None:
        """Called inside the transaction that updates a port or commits its binding, after the rows are written.

        `original` is the state committed before, `current` the new one; a change of `bound_segment` between them tells
        of a binding made or removed. Must not block. An exception rolls the transaction back and reaches the caller;
        a DatabaseConflict repeats the transaction.
        """

    def update_port_postcommit(self, context: PortContext) -> None:
        """Called after an update or a binding has committed, outside any transaction; may block.

        The state stands whatever happens here: all other drivers are called too, then the caller gets the error. When
        a new port's binding was committed, an exception deletes the port again.
        """

    def delete_port_precommit(self, context: PortContext) -> None:
        """Called inside the transaction that deletes the port, before its rows go.

        `current` is the last state with its binding, `original` None. Must not block. An exception rolls the deletion
        back and reaches the caller; a DatabaseConflict repeats the transaction.
        """

    def delete_port_postcommit(self, context: PortContext) -> None:
        """Called after the deletion has committed, outside any transaction; may block. Exceptions are logged."""

    def bind_port(self, context: PortContext) -> None:
        """Tries to bind the port to `context.host`, and calls `context.set_binding` if it can.

        Drivers are asked in their order until one has set a binding. One that binds only a part of the way (a fabric's
        segment down to the host's switch) calls `context.continue_binding` instead: all drivers are then asked to bind
        one of the segments that it names, and `context.binding_levels` tells what is bound above. A driver that has
        bound one of them above is not asked; there are at most 10 levels. With deferred binding this runs outside any
        transaction and may block; with in-transaction binding it runs inside, and whatever it waits for holds the
        port's row locks. The result may be discarded when the port has changed meanwhile. An exception is logged and
        the next driver is asked.
        """

    def unbind_port(self, context: PortContext) -> None:
        """Called for a driver that has bound the port, in the transaction that removes its binding, before it goes.

        Only by strategies with `unbinds_driver`; deferred binding tells of it by update_port_precommit and
        delete_port_precommit. Must not block. An exception is logged; a DatabaseConflict repeats the transaction.
        """

    def validate_bound_port(self, context: PortContext) -> bool:
        """Whether a binding that an update leaves alone still holds; a no unbinds the port, and it is bound anew.

        Only asked by strategies with `validates_binding`, in the transaction. Must not block. An exception is a no.
        """
        return True
