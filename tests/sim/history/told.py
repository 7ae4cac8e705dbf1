"""Whole transactions and attempts, told as a right core makes them. Used by the tests of the checker and the oracle."""

from core.context import BindingResult
from core.records import Port
from tests.sim.history.written import Happening, Written, number_of


class Told(Written):
    """A history in which a sentence stands for all that a right transaction leaves behind."""

    def kind(self, was: Port | None, now: Port | None) -> str:
        """What a change of a port is to drivers."""
        return "create" if was is None else "delete" if now is None else "update"

    def tells(self, operation: int, when: str, was: Port | None, now: Port | None, *, transaction: int = -1) -> None:
        """Calls every driver, at 'precommit' or 'postcommit'."""
        kind = self.kind(was, now)
        for driver in self.facts.drivers:
            shown = (now or was, was if kind == "update" else None)
            call = self.callback(operation, f"{kind}_port_{when}", *shown, transaction=transaction, driver=driver)
            self.returned(call)

    def changes(
        self, operation: int, transaction: int, was: Port | None, now: Port | None, *, interval: bool = False
    ) -> Happening:
        """A transaction that locks a port, changes it, tells drivers and commits; the commit."""
        number = number_of(now or was)
        if was is not None:
            self.read(operation, transaction, number, was)
        self.wrote(transaction, number)
        self.tells(operation, "precommit", was, now, transaction=transaction)
        sent = self.mark() if interval else None
        commit = self.commit(operation, transaction, {number: now}, sent=sent)
        self.end(operation, transaction)
        return commit

    def does(self, operation: int, transaction: int, was: Port | None, now: Port | None) -> Happening:
        """`changes`, and the postcommits; the commit."""
        commit = self.changes(operation, transaction, was, now)
        self.tells(operation, "postcommit", was, now)
        return commit

    def asks(
        self,
        operation: int,
        port: Port,
        sets: BindingResult | None,
        *,
        transaction: int = -1,
        driver: str | None = None,
    ) -> Happening:
        """A driver is asked to bind a port; the call."""
        unbound = port.with_binding(port.binding.unbound())
        name = driver or self.facts.drivers[0]
        call = self.callback(operation, "bind_port", unbound, transaction=transaction, driver=name)
        self.returned(call, sets=sets)
        return call
