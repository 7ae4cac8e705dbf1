"""Which precommits ran in which transaction. Shared by the properties that ask what drivers were told."""

from functools import cached_property

from sim.history.view import View

Binding = tuple[int, int, int, int, int]  # as State.binding has it


class Precommits:
    """The precommit callbacks of a history by transaction and port."""

    def __init__(self, view: View) -> None:
        self._view = view

    @cached_property
    def _by_place(self) -> dict[tuple[int, int], list[int]]:
        view = self._view
        methods = precommit_codes(view)
        found: dict[tuple[int, int], list[int]] = {}
        for row, call in enumerate(view.callbacks):
            if call.method in methods:
                found.setdefault((call.transaction, view.states[call.state].port), []).append(row)
        return found

    def all(self) -> dict[tuple[int, int], list[int]]:
        """Every transaction's and port's precommits, in order."""
        return self._by_place

    def of(self, transaction: int, port: int) -> list[int]:
        """The rows in `callbacks` of one transaction and port."""
        return self._by_place.get((transaction, port), [])

    def untold(self, transaction: int, port: int, binding: Binding, *, deleted: bool) -> list[str]:
        """The drivers that no precommit of the transaction told of the removal of this binding."""
        view = self._view
        told = set()
        for row in self.of(transaction, port):
            call = view.callbacks[row]
            before = call.state if deleted else call.previous
            if before >= 0 and view.states[before].binding == binding:
                told.add(call.driver)
        return [name for name in view.facts.drivers if view.words.drivers.find(name) not in told]


def precommit_codes(view: View) -> set[int]:
    """The codes of the three precommit methods."""
    return {view.words.methods.code(f"{kind}_port_precommit") for kind in ("create", "update", "delete")}
