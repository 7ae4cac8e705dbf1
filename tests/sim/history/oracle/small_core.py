"""A right core of dicts that writes down its own history: two ports, a few operations, any interleaving.

An operation is a generator; between two of its steps any other may go on. It knows the rules of docs/design.md, section
3, and nothing of core/. The tests of the checker mutate what it writes.
"""

from collections.abc import Callable, Generator
from random import Random

from core.context import BindingResult
from core.records import Port
from tests.sim.history.told import Told
from tests.sim.history.written import bound, failed, moved, number_of, port, renamed, result

Steps = Generator[None, None, None]
HOSTS = ("h1", "h2", "hopeless")  # no driver can bind on the last
CONFLICT, DEATH, REFUSAL = 0.06, 0.02, 0.1  # how often a transaction, a step, a create meets one


class SmallCore:
    """Runs operations step by step, in an order that is drawn."""

    def __init__(self, told: Told, random: Random) -> None:
        self._told = told
        self._random = random
        self._ports: dict[int, Port] = {}
        self._entries: dict[int, dict[str, str]] = {}  # the controller's: token -> host, by port
        self._locked: set[int] = set()
        self._transactions = 0
        self._tokens = 0

    def begin(self, *ports: Port) -> None:
        """Starts with these ports; whoever is bound has its entry at the controller."""
        self._told.initial(*ports)
        for each in ports:
            self._ports[number_of(each)] = each
            if each.binding.is_successful:
                self._reserve(each, f"token-of-{number_of(each)}")

    def run(self, operations: list[Steps]) -> None:
        """All of them at once. A process may die between two steps."""
        while operations:
            steps = self._random.choice(operations)
            dies = not self._locked and self._random.random() < DEATH
            if dies or next(steps, self) is self:
                operations.remove(steps)

    def come_to_rest(self) -> None:
        """Reads each port that needs it once, one after the other, and says which are still unbound."""
        self._told.rest()
        for number, each in list(self._ports.items()):
            if each.binding.needs_binding:
                for _ in self.get(-1 - number, number):
                    pass
        for number, each in self._ports.items():
            if each.binding.needs_binding:
                self._told.bindable(number, can_bind=_can_bind(each))

    # operations

    def create(self, operation: int, number: int, host: str) -> Steps:
        """create_port; now and then a driver refuses it after the commit."""
        self._told.call(operation, "create_port", None, host=host)
        yield
        now: Port = port(number, host)
        now = yield from self._change(operation, number, lambda _: now)
        if self._random.random() < REFUSAL:
            yield from self._undo(operation, now)
            return
        yield from self._notify(operation, None, now)
        shown = yield from self._bind(operation, now)
        self._told.answer(operation, shown)

    def update(self, operation: int, number: int, change: Callable[[Port], Port]) -> Steps:
        """update_port."""
        self._told.call(operation, "update_port", number)
        yield
        was = yield from self._lock(number)
        if was is None:
            self._refused(operation, number)
            return
        now = yield from self._change(operation, number, change)
        yield from self._notify(operation, was, now)
        shown = yield from self._bind(operation, now)
        self._told.answer(operation, shown)

    def delete(self, operation: int, number: int) -> Steps:
        """delete_port."""
        self._told.call(operation, "delete_port", number)
        yield
        was = yield from self._lock(number)
        if was is None:
            self._looked(operation, number)
        else:
            yield from self._remove(operation, was)
        self._told.answer(operation)

    def get(self, operation: int, number: int) -> Steps:
        """get_port, which binds."""
        self._told.call(operation, "get_port", number)
        yield
        sent = self._told.mark()
        yield
        seen = self._ports.get(number)
        self._told.read(operation, self._transaction(), number, seen, sent=sent)
        if seen is None:
            self._told.refusal(operation, "PortNotFound")
            return
        yield
        shown = yield from self._bind(operation, seen)
        self._told.answer(operation, shown)

    def get_all(self, operation: int, host: str | None) -> Steps:
        """get_ports, by host or all."""
        filters = {} if host is None else {"binding:host_id": host}
        self._told.call(operation, "get_ports", None, **filters)
        yield
        seen = [each for each in self._ports.values() if host in (None, each.binding.host)]
        transaction = self._transaction()
        for each in seen:
            self._told.read(operation, transaction, number_of(each), each)
        shown = []
        for each in seen:
            yield
            shown.append((yield from self._bind(operation, each)))
        self._told.answer(operation, *shown)

    # transactions

    def _transaction(self) -> int:
        self._transactions += 1
        return self._transactions

    def _lock(self, number: int) -> Generator[None, None, Port | None]:
        """The port, once nobody's COMMIT of it is under way."""
        while number in self._locked:
            yield
        return self._ports.get(number)

    def _looked(self, operation: int, number: int) -> None:
        transaction = self._transaction()
        self._told.read(operation, transaction, number, self._ports.get(number))
        self._told.end(operation, transaction)

    def _refused(self, operation: int, number: int) -> None:
        transaction = self._transaction()
        self._told.read(operation, transaction, number, None)
        self._told.end(operation, transaction, "rollback")
        self._told.refusal(operation, "PortNotFound")

    def _change(self, operation: int, number: int, change: Callable[[Port], Port]) -> Generator[None, None, Port]:
        """A first transaction; binds inside if that is the strategy."""
        was = self._ports.get(number)
        transaction = self._transaction()
        now = change(was or port(number))
        if self._told.facts.binds_inside and now.binding.needs_binding:
            now = self._bind_inside(operation, transaction, was, now)
        if self._random.random() < CONFLICT:
            self._conflict(operation, was, now)
        yield from self._commit(operation, transaction, was, now)
        return now

    def _conflict(self, operation: int, was: Port | None, now: Port | None) -> None:
        """A try that is rolled back at its end. Drivers are told before."""
        transaction, number = self._transaction(), number_of(now or was)
        if was is not None:
            self._told.read(operation, transaction, number, was)
        self._told.wrote(transaction, number)
        self._told.tells(operation, "precommit", was, now, transaction=transaction)
        self._told.end(operation, transaction, "deadlock")

    def _commit(self, operation: int, transaction: int, was: Port | None, now: Port | None) -> Steps:
        """Takes effect somewhere between the sending of COMMIT and its acknowledgement."""
        number = number_of(now or was)
        if was is not None:
            self._told.read(operation, transaction, number, was)
        self._told.wrote(transaction, number)
        self._told.tells(operation, "precommit", was, now, transaction=transaction)
        sent = None if self._told.facts.exact else self._told.mark()
        yield from self._take_effect(number, now)
        self._told.commit(operation, transaction, {number: now}, sent=sent)
        self._locked.discard(number)
        self._told.end(operation, transaction)

    def _take_effect(self, number: int, now: Port | None) -> Steps:
        self._locked.add(number)
        if not self._told.facts.exact:
            yield
        if now is None:
            self._ports.pop(number, None)
        else:
            self._ports[number] = now
        if not self._told.facts.exact:
            yield

    def _remove(self, operation: int, was: Port) -> Steps:
        yield from self._commit(operation, self._transaction(), was, None)
        yield
        yield from self._notify(operation, was, None)

    def _undo(self, operation: int, created: Port) -> Steps:
        """A driver refuses what was created, and it is deleted again unless somebody was faster."""
        call = self._told.callback(operation, "create_port_postcommit", created)
        self._told.returned(call, "error")
        yield
        was = yield from self._lock(number_of(created))
        if was is not None:
            yield from self._remove(operation, was)
        self._told.refusal(operation, "MechanismDriverError")

    def _notify(self, operation: int, was: Port | None, now: Port | None) -> Steps:
        """Postcommits, and what the controller does about them."""
        yield
        self._told.tells(operation, "postcommit", was, now)
        if now is None or not now.binding.is_successful:
            for each in (was, now):
                if each is not None:
                    self._drop(number_of(each))

    # binding

    def _bind(self, operation: int, seen: Port) -> Generator[None, None, Port]:
        """The loop of deferred binding: the port to answer with."""
        given = seen
        most = self._told.facts.max_attempts
        for nth in range(1, most + 1):
            if self._told.facts.binds_inside or not seen.binding.needs_binding:
                return seen
            outcome, found = yield from self._attempt(operation, seen, nth)
            if outcome == "deleted" or found is None:
                return given
            seen = found
            if outcome != "inputs_changed":
                return seen
        if seen.binding.needs_binding:
            self._told.gave_up(operation, number_of(seen), most)
        return seen

    def _attempt(self, operation: int, seen: Port, nth: int) -> Generator[None, None, tuple[str, Port | None]]:
        began = self._told.mark()
        sets = yield from self._ask(operation, seen)
        number = number_of(seen)
        current = yield from self._lock(number)
        transaction = self._transaction()
        outcome, now = self._decided(seen, current, sets)
        if outcome == "committed":
            assert current is not None
            yield from self._commit(operation, transaction, current, now)
        else:
            self._told.read(operation, transaction, number, current)
            self._told.end(operation, transaction)
        self._told.attempt(began, operation, number, nth, bound=sets is not None, outcome=outcome)
        if outcome == "committed":
            yield from self._notify(operation, current, now)
        return outcome, now

    def _ask(self, operation: int, seen: Port) -> Generator[None, None, BindingResult | None]:
        yield
        unbound = seen.with_binding(seen.binding.unbound())
        call = self._told.callback(operation, "bind_port", unbound)
        yield
        sets = self._reserve(seen, None) if _can_bind(seen) else None
        self._told.returned(call, sets=sets)
        yield
        return sets

    def _decided(self, seen: Port, current: Port | None, sets: BindingResult | None) -> tuple[str, Port | None]:
        """Cases 4a to 4c."""
        if current is None:
            return "deleted", None
        if current.binding.is_successful:
            return "bound_by_other", current
        if self._has_changed(seen, current):
            return "inputs_changed", current
        if sets is None and current.binding.vif_type == "binding_failed":
            return "unchanged_failure", current
        return "committed", failed(current) if sets is None else _with(current, sets)

    def _has_changed(self, seen: Port, current: Port) -> bool:
        if self._told.facts.check == "generation":
            return seen.binding.generation != current.binding.generation
        return seen.binding.inputs != current.binding.inputs

    def _bind_inside(self, operation: int, transaction: int, was: Port | None, now: Port) -> Port:
        began = self._told.mark()
        sets = self._reserve(now, None) if _can_bind(now) else None
        self._told.asks(operation, now, sets, transaction=transaction)
        self._told.attempt(began, operation, number_of(now), bound=sets is not None)
        made = failed(now) if sets is None else _with(now, sets)
        return made._replace(revision_number=0 if was is None else was.revision_number + 1)

    # the controller

    def _reserve(self, seen: Port, token: str | None) -> BindingResult:
        self._tokens += 1
        token = token or f"token-{self._tokens}"
        self._entries.setdefault(number_of(seen), {})[token] = seen.binding.host
        self._told.change("reserved", number_of(seen), seen.binding.host, token)
        return result(token)

    def _drop(self, number: int) -> None:
        for token, host in self._entries.pop(number, {}).items():
            self._told.change("dropped", number, host, token)


def _can_bind(seen: Port) -> bool:
    return seen.binding.host != HOSTS[-1]


def _with(current: Port, sets: BindingResult) -> Port:
    return bound(current, sets.vif_details[len('{"token":"') : -len('"}')])


def told(random: Random) -> Told:
    """A right history of two ports and three operations."""
    facts = {
        "exact": random.random() < 0.7,
        "binds_inside": random.random() < 0.25,
        "check": random.choice(("generation", "values")),
        "max_attempts": random.choice((1, 2, 10)),
        "quiescent": random.random() < 0.92,
        "read_once": random.random() < 0.92,
        "drivers": ("sdn", "log") if random.random() < 0.3 else ("sdn",),
    }
    history = Told(**facts)
    core = SmallCore(history, random)
    core.begin(port(1), bound(port(2, "h1"), "token-of-2"))
    core.run([_operation(core, random, operation) for operation in range(3)])
    core.come_to_rest()
    return history


def _operation(core: SmallCore, random: Random, operation: int) -> Steps:
    number, host = random.choice((1, 2)), random.choice(HOSTS)
    draw = random.random()
    if draw < 0.2:
        return core.create(operation, 3 + operation, host)
    if draw < 0.6:
        return core.update(operation, number, lambda was: moved(was, host if was.binding.host != host else "h9"))
    if draw < 0.65:
        return core.update(operation, number, lambda was: renamed(was, f"renamed by {operation}"))
    if draw < 0.75:
        return core.delete(operation, number)
    return core.get(operation, number) if draw < 0.9 else core.get_all(operation, random.choice((None, host)))
