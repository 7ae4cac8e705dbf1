"""Histories written by hand: a list of happenings that becomes a History. Used by the checker's tests and the oracle.

A happening gets its position from its place in the list, so that lists can be changed and written again.
`Written` says things one by one; tests.sim.history.told puts whole transactions together.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from core.context import BindingResult
from core.records import Port, PortBinding, encoded
from sim.history import Facts, History, HistoryWriter
from sim.history.tables import RETURNS
from sim.history.writer import flat_port

SDN = "sdn"
SEGMENT = "segment-1"
FACTS = Facts(
    scenario="by hand",
    strategy="deferred",
    seed=1,
    replication=0,
    promises=(),
    binds_inside=False,
    reads_bind=True,
    check="generation",
    max_attempts=10,
    drivers=(SDN,),
    controllers={SDN: SDN},
    quiescent=True,
    read_once=True,
)


def port_id(number: int) -> str:
    """The id of a port, which the checker calls 'port NUMBER'."""
    return f"00000000-0000-4000-8000-{number:012x}"


def number_of(port: Port) -> int:
    """The inverse."""
    return int(port.id[24:], 16)


def port(number: int = 1, host: str = "", **changes: Any) -> Port:
    """An unbound port; `changes` are of its record."""
    empty = Port(port_id(number), "net", "", "", 1, "DOWN", "", "", 0, PortBinding(host))
    return empty._replace(**changes)


def result(token: str, vif_type: str = "ovs") -> BindingResult:
    """What a driver sets, with a controller's token."""
    return BindingResult(SEGMENT, vif_type, encoded({"token": token}), "ACTIVE")


def moved(before: Port, host: str, **changes: Any) -> Port:
    """The port after an update that changes its host, which unbinds it (cases 3b, 3d)."""
    binding = before.binding._replace(host=host).unbound()._replace(generation=before.binding.generation + 1)
    return before._replace(revision_number=before.revision_number + 1, status="DOWN", binding=binding, **changes)


def renamed(before: Port, name: str) -> Port:
    """The port after an update that leaves its binding alone (case 3c)."""
    return before._replace(revision_number=before.revision_number + 1, name=name)


def bound(before: Port, token: str, driver: str = SDN) -> Port:
    """The port with a binding committed (case 4a)."""
    old = before.binding
    details, generation = encoded({"token": token}), old.generation + 1
    binding = PortBinding(*old.inputs, "ovs", details, driver, SEGMENT, generation=generation)
    return before._replace(revision_number=before.revision_number + 1, status="ACTIVE", binding=binding)


def failed(before: Port) -> Port:
    """The port with a failed attempt committed."""
    binding = before.binding.unbound()._replace(vif_type="binding_failed")
    return before._replace(revision_number=before.revision_number + 1, binding=binding)


class Happening:
    """Something that happened: `kind` names the method of _Scribe that writes it, `data` is what it needs."""

    __slots__ = ("data", "kind")

    def __init__(self, kind: str, **data: Any) -> None:
        self.kind = kind
        self.data = data

    def copy(self) -> "Happening":
        """Another one with the same data."""
        return Happening(self.kind, **self.data)


class Written:
    """A history being written. Every method adds one happening and returns it."""

    def __init__(self, **facts: Any) -> None:
        self.facts = replace(FACTS, **facts)
        self.happenings: list[Happening] = []

    def add(self, kind: str, **data: Any) -> Happening:
        """One more."""
        happening = Happening(kind, **data)
        self.happenings.append(happening)
        return happening

    def initial(self, *ports: Port) -> Happening:
        """The ports that there are before anything happens."""
        return self.commit(-1, -1, {number_of(each): each for each in ports}, name="initial")

    def call(self, operation: int, kind: str, number: int | None = None, **arguments: Any) -> Happening:
        """An operation is called."""
        return self.add("call", operation=operation, name=kind, number=number, arguments=arguments)

    def answer(self, operation: int, *ports: Port) -> Happening:
        """It returns these ports."""
        return self.add("answer", operation=operation, ports=ports)

    def refusal(self, operation: int, error: str) -> Happening:
        """It raises an error of that class."""
        return self.add("refusal", operation=operation, error=error)

    def mark(self) -> Happening:
        """An instant to refer to: that at which a statement or COMMIT was sent, or an attempt began."""
        return self.add("mark")

    def read(
        self, operation: int, transaction: int, number: int, state: Port | None, *, sent: Happening | None = None
    ) -> Happening:
        """A statement has returned a port, or none."""
        return self.add(
            "read", operation=operation, transaction=transaction, number=number, state=state, sent=sent or self.mark()
        )

    def wrote(self, transaction: int, number: int) -> Happening:
        """A statement has changed a port."""
        return self.add("wrote", transaction=transaction, number=number)

    def commit(
        self, operation: int, transaction: int, writes: Mapping[int, Port | None], *, name: str = "update_port",
        sent: Happening | None = None,
    ) -> Happening:  # fmt: skip
        """A transaction takes effect; somewhere between `sent` and here, if that is given."""
        return self.add(
            "commit", operation=operation, transaction=transaction, writes=dict(writes), name=name, sent=sent
        )

    def end(self, operation: int, transaction: int, outcome: str = "commit") -> Happening:
        """The observer says how a transaction has ended."""
        return self.add("end", operation=operation, transaction=transaction, outcome=outcome)

    def callback(
        self, operation: int, method: str, now: Port, was: Port | None = None, *, transaction: int = -1,
        driver: str = SDN,
    ) -> Happening:  # fmt: skip
        """A driver is called."""
        return self.add(
            "callback", operation=operation, method=method, now=now, was=was, transaction=transaction, driver=driver
        )

    def returned(self, callback: Happening, outcome: str = "ok", sets: BindingResult | None = None) -> Happening:
        """The driver returns."""
        return self.add("returned", callback=callback, outcome=outcome, sets=sets)

    def attempt(
        self, began: Happening, operation: int, number: int, nth: int = 1, *, bound: bool = True,
        outcome: str = "committed",
    ) -> Happening:  # fmt: skip
        """The observer says how an attempt has ended."""
        return self.add(
            "attempt", began=began, operation=operation, number=number, nth=nth, bound=bound, outcome=outcome
        )

    def gave_up(self, operation: int, number: int, attempts: int) -> Happening:
        """The observer says that a port is left unbound."""
        return self.add("gave_up", operation=operation, number=number, attempts=attempts)

    def logged(self, operation: int, number: int, where: str) -> Happening:
        """The observer tells of an error that the caller is not told."""
        return self.add("logged", operation=operation, number=number, where=where)

    def change(self, what: str, number: int, host: str, token: str) -> Happening:
        """The controller's table changes."""
        return self.add("change", what=what, number=number, host=host, token=token)

    def rest(self) -> Happening:
        """The state at rest is looked at here."""
        return self.add("rest")

    def bindable(self, number: int, *, can_bind: bool) -> Happening:
        """After the reads at rest, a port with a host is not bound."""
        return self.add("bindable", number=number, can_bind=can_bind)

    def history(self) -> History:
        """All that happened, written down."""
        return written_down(self.happenings, self.facts)


def written_down(happenings: list[Happening], facts: Facts) -> History:
    """The happenings as a history. Without a `rest` among them the last of all is the last before rest."""
    scribe = _Scribe()
    for happening in happenings:
        scribe.write(happening)
    writer = scribe.writer
    rest = writer.position if scribe.rest is None else scribe.rest
    return History(replace(facts, rest=rest, end_us=writer.position), writer.tables)


class _Scribe:
    """Writes happenings in their order. A position is a microsecond."""

    def __init__(self) -> None:
        self.writer = HistoryWriter(lambda: self.writer.position)
        self.rest: int | None = None
        self._at: dict[Happening, int] = {}  # positions, of callbacks their rows

    def write(self, it: Happening) -> None:
        """One happening."""
        write: Callable[..., None] = getattr(self, f"_{it.kind}")
        write(it, **it.data)

    def _call(self, it: Happening, *, operation: int, name: str, number: int | None, arguments: Any) -> None:
        of = None if number is None else port_id(number)
        self.writer.call(operation, name, port_id=of, client=0, process=0, arguments=arguments)

    def _answer(self, it: Happening, *, operation: int, ports: tuple[Port, ...]) -> None:
        self.writer.answer(operation, [each.as_dict() for each in ports])

    def _refusal(self, it: Happening, *, operation: int, error: str) -> None:
        self.writer.refusal(operation, type(error, (Exception,), {})())

    def _mark(self, it: Happening) -> None:
        self._at[it] = self.writer.step()

    def _read(
        self, it: Happening, *, operation: int, transaction: int, number: int, state: Port | None, sent: Happening
    ) -> None:
        flat = -1 if state is None else self.writer.state(flat_port(state))
        self.writer.read(self._at[sent], transaction, operation, "select port", port_id(number), flat)

    def _wrote(self, it: Happening, *, transaction: int, number: int) -> None:
        self.writer.wrote(transaction, "update port", port_id(number))

    def _commit(
        self, it: Happening, *, operation: int, transaction: int, writes: dict[int, Port | None], name: str,
        sent: Happening | None,
    ) -> None:  # fmt: skip
        flat = [(port_id(number), None if state is None else flat_port(state)) for number, state in writes.items()]
        since = 0 if transaction < 0 else None if sent is None else self._at[sent]
        self.writer.commit(flat, transaction=transaction, operation=operation, name=name, sent=since)

    def _end(self, it: Happening, *, operation: int, transaction: int, outcome: str) -> None:
        self.writer.transaction_ended(transaction, operation, "update_port", 0, outcome)

    def _callback(
        self, it: Happening, *, operation: int, method: str, now: Port, was: Port | None, transaction: int, driver: str
    ) -> None:
        self._at[it] = self.writer.callback(operation, transaction, driver, method, now, was)

    def _returned(self, it: Happening, *, callback: Happening, outcome: str, sets: BindingResult | None) -> None:
        self.writer.returned(self._at[callback], RETURNS.index(outcome), sets)

    def _attempt(
        self, it: Happening, *, began: Happening, operation: int, number: int, nth: int, bound: bool, outcome: str
    ) -> None:
        self.writer.attempt(
            self._at[began], operation, port_id(number), nth, reader=False, bound=bound, outcome=outcome
        )

    def _gave_up(self, it: Happening, *, operation: int, number: int, attempts: int) -> None:
        self.writer.gave_up(operation, port_id(number), attempts)

    def _logged(self, it: Happening, *, operation: int, number: int, where: str) -> None:
        self.writer.logged(operation, port_id(number), where)

    def _change(self, it: Happening, *, what: str, number: int, host: str, token: str) -> None:
        self.writer.change(SDN, what, port_id=port_id(number), host=host, token=token)

    def _rest(self, it: Happening) -> None:
        self.rest = self.writer.position

    def _bindable(self, it: Happening, *, number: int, can_bind: bool) -> None:
        self.writer.bindable(port_id(number), can_bind=can_bind)
