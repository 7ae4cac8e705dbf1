"""Properties of random sequences of operations, some inside others' bind_port, with failing drivers and conflicts.

| property | asserted by |
| --- | --- |
| an update's original is the current of the last committed callback; a deletion's current too | Chain |
| revisions strictly increase from one committed state to the next | Chain |
| every committed change is told to the drivers once after its commit | the end of `play` |
| what drivers heard last is what the database holds | the end of `play` |
| binding_generation never decreases, and a change of inputs or binding raises it | `look_at_generations` |
| addresses are unique in a subnet | `look_at_addresses` |
| after one read of each, every port that can be bound is bound (deferred, serialized) | test_... |
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from core.binding import DEFERRED, IN_TRANSACTION, SERIALIZED, BindingStrategy
from core.context import PortContext
from core.driver_api import MechanismDriver
from core.exceptions import CoreError, Deadlock, LockWaitTimeout
from core.records import PortDict
from tests.core.recording_observer import RecordingObserver
from tests.core.worlds import World

HOSTS = ["", "h1", "h2", "bad"]
TRANSACTIONS = ["create_port", "update_port", "delete_port", "commit_binding", "acquire_lease", "get_ports"]
PHASES = [f"{verb}_port_{when}" for verb in ("create", "update", "delete") for when in ("precommit", "postcommit")]

Operation = tuple[str, int, str]
operations = st.tuples(
    st.sampled_from(["create", "create", "move", "move", "rename", "profile", "delete", "get", "list"]),
    st.integers(0, 3),
    st.sampled_from(HOSTS),
)
mishaps = st.one_of(
    st.tuples(st.just("conflict"), st.sampled_from(TRANSACTIONS), st.integers(1, 3)),
    st.tuples(st.just("refusal"), st.sampled_from([*PHASES, "bind_port"]), st.integers(0, 2)),
)
PLAYS = settings(max_examples=50, derandomize=True, deadline=None, database=None)


class Chain(MechanismDriver):
    """Follows each port from one committed state to the next."""

    name = "chain"

    def __init__(self) -> None:
        self.last: dict[str, PortDict] = {}
        self.committed: Counter[tuple[str, str, int]] = Counter()
        self.told: Counter[tuple[str, str, int]] = Counter()
        self.ids: list[str] = []
        self._pending: list[Callable[[], None]] = []

    def ended(self, outcome: str) -> None:
        """A transaction has ended: what its precommits said is now so, or never was."""
        for change in self._pending if outcome == "commit" else []:
            change()
        self._pending.clear()

    def create_port_precommit(self, context: PortContext) -> None:
        assert context.port.id not in self.last
        assert (context.original, context.current["revision_number"]) == (None, 1)
        self._expect("create", context, context.current)

    def update_port_precommit(self, context: PortContext) -> None:
        assert context.original == self.last[context.port.id]
        assert context.current["revision_number"] == context.original["revision_number"] + 1
        self._expect("update", context, context.current)

    def delete_port_precommit(self, context: PortContext) -> None:
        assert (context.original, context.current) == (None, self.last[context.port.id])
        self._expect("delete", context, None)

    def create_port_postcommit(self, context: PortContext) -> None:
        self._hear("create", context)

    def update_port_postcommit(self, context: PortContext) -> None:
        self._hear("update", context)

    def delete_port_postcommit(self, context: PortContext) -> None:
        self._hear("delete", context)

    def bind_port(self, context: PortContext) -> None:
        assert (context.original, context.bound_segment, context.bound_driver) == (None, None, None)
        assert (context.vif_type, context.vif_details, bool(context.host)) == ("unbound", {}, True)

    def _expect(self, verb: str, context: PortContext, state: PortDict | None) -> None:
        assert context.transaction is not None
        key = (verb, context.port.id, context.port.revision_number)

        def change() -> None:
            self.committed[key] += 1
            if verb == "create":
                self.ids.append(key[1])
            if state is None:
                del self.last[key[1]]
            else:
                self.last[key[1]] = state

        self._pending.append(change)

    def _hear(self, verb: str, context: PortContext) -> None:
        assert context.transaction is None
        self.told[verb, context.port.id, context.port.revision_number] += 1


class Play:
    """A world with a Chain in front, in which operations are applied one after another, or inside bind_port."""

    def __init__(self, strategy: BindingStrategy) -> None:
        self.world = World(strategy, drivers=("sdn",))
        self.chain = Chain()
        self.world.drivers.insert(0, self.chain)  # type: ignore[arg-type]
        self.world.plugin = self.world.another_plugin(strategy)
        self.world.sdn.hopeless = {"bad"}
        self.generations: dict[str, tuple[int, tuple[Any, ...]]] = {}
        _tell_endings(self.world.observer, self.chain)

    def apply(self, operation: Operation) -> None:
        kind, number, host = operation
        try:
            if kind == "create":
                self.world.create(host)
            elif kind == "list":
                self.world.plugin.get_ports()
            elif self.chain.ids:
                self._apply_to(kind, self.chain.ids[-1 - number % len(self.chain.ids)], number, host)
        except CoreError:
            pass

    def _apply_to(self, kind: str, port_id: str, number: int, host: str) -> None:
        plugin = self.world.plugin
        {
            "move": lambda: plugin.update_port(port_id, {"binding:host_id": host}),
            "rename": lambda: plugin.update_port(port_id, {"name": f"n{number}"}),
            "profile": lambda: plugin.update_port(port_id, {"binding:profile": {"n": number}}),
            "delete": lambda: plugin.delete_port(port_id),
            "get": lambda: plugin.get_port(port_id),
        }[kind]()

    def while_binding(self, operation: Operation) -> None:
        """The next bind_port outside a transaction first lets somebody else do this."""

        def behaviour(context: PortContext) -> None:
            if context.transaction is None:
                self.apply(operation)
            self.world.sdn.bind(context)

        self.world.sdn.then("bind_port", behaviour)

    def prepare(self, mishap: tuple[str, str, int]) -> None:
        what, where, number = mishap
        if what == "conflict":
            self.world.faults.add(where, "commit", (Deadlock, LockWaitTimeout)[number % 2], times=number)
        else:
            self.world.sdn.then(where, *[lambda context: None] * number, RuntimeError("refused"))

    def look_at_generations(self) -> None:
        for row in self.world.rows("ml2_port_bindings"):
            generation = row.pop("binding_generation")
            if row["vif_type"] == "binding_failed":
                row["vif_type"] = "unbound"
            state = tuple(row.values())
            before, state_before = self.generations.get(row["port_id"], (0, ()))
            assert generation >= before
            assert (generation > before) or state == state_before
            self.generations[row["port_id"]] = (generation, state)

    def look_at_addresses(self) -> None:
        given_out = [(row["subnet_id"], row["ip_address"]) for row in self.world.rows("ip_allocations")]
        assert len(set(given_out)) == len(given_out) == len(self.world.rows("ports"))

    def committed_ports(self) -> dict[str, PortDict]:
        quiet = self.world.another_plugin(IN_TRANSACTION)
        return {port["id"]: port for port in quiet.get_ports()}


def _tell_endings(observer: RecordingObserver, chain: Chain) -> None:
    def transaction_ended(name: str, outcome: str) -> None:
        chain.ended(outcome)

    observer.transaction_ended = transaction_ended  # type: ignore[method-assign]


def play(
    strategy: BindingStrategy, script: list[Operation], inside: list[Operation], trouble: list[tuple[str, str, int]]
) -> Play:
    """Applies everything, looking after each operation, and compares what drivers heard with the database."""
    game = Play(strategy)
    for operation in inside:
        game.while_binding(operation)
    for mishap in trouble:
        game.prepare(mishap)
    for operation in script:
        game.apply(operation)
        game.look_at_generations()
        game.look_at_addresses()
    game.world.faults.pending.clear()
    assert game.committed_ports() == game.chain.last
    assert game.chain.told == game.chain.committed
    assert game.world.rows("port_binding_leases") == []
    return game


scripts = st.lists(operations, min_size=1, max_size=12)
interruptions = st.lists(operations, max_size=5)
troubles = st.lists(mishaps, max_size=3)


def heal(game: Play) -> list[str]:
    """What one read of each port shows, with drivers that work: the vif types of ports with a host."""
    game.world.sdn.hopeless = set()
    game.world.sdn.forget()
    shown = [game.world.plugin.get_port(port_id) for port_id in game.committed_ports()]
    return [port["binding:vif_type"] for port in shown if port["binding:host_id"]]


@PLAYS
@given(scripts, interruptions, troubles)
def test_deferred_binding_tells_drivers_the_truth_and_reads_heal_what_was_left(script, inside, trouble) -> None:
    game = play(DEFERRED, script, inside, trouble)
    assert set(heal(game)) <= {"ovs"}
    assert game.committed_ports() == game.chain.last


@PLAYS
@given(scripts, troubles)
def test_serialized_binding_tells_drivers_the_truth_and_reads_heal_what_was_left(script, trouble) -> None:
    game = play(SERIALIZED, script, [], trouble)
    assert set(heal(game)) <= {"ovs"}
    assert game.committed_ports() == game.chain.last


@PLAYS
@given(scripts, troubles)
def test_in_transaction_binding_tells_drivers_the_truth_and_leaves_nothing_unbound(script, trouble) -> None:
    game = play(IN_TRANSACTION, script, [], trouble)
    with_host = [port for port in game.committed_ports().values() if port["binding:host_id"]]
    assert {port["binding:vif_type"] for port in with_host} <= {"ovs", "binding_failed"}
