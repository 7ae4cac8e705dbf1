"""Small random changes of a right history, most of which make it wrong for some property. Used by test_oracle.py.

What changes is the list of happenings, so positions stay in order and references whole; what refers to something that
comes after it is not allowed, and neither are two answers of one operation, or one before its call.
"""

from collections.abc import Callable
from random import Random
from typing import Any

from core.records import Port
from tests.sim.history.told import Told
from tests.sim.history.written import Happening, result

REPEATABLE = ("callback", "attempt", "read", "end", "gave_up", "change", "wrote", "bindable")
DROPPABLE = (*REPEATABLE, "call", "answer", "refusal", "commit", "returned")
REFERENCES = ("sent", "began", "callback")
Mutation = Callable[[Told, Random], None]


def mutate(told: Told, random: Random) -> None:
    """One change, of a kind that is drawn."""
    random.choice(MUTATIONS)(told, random)


def pick(told: Told, random: Random, *kinds: str) -> Happening | None:
    """One of some kinds, not the set-up."""
    found = [it for it in told.happenings[1:] if it.kind in kinds]
    return random.choice(found) if found else None


def drop(told: Told, random: Random) -> None:
    """Something is not recorded; a callback goes with its return."""
    gone = pick(told, random, *DROPPABLE)
    if gone is not None:
        drop_this(told, gone)


def drop_this(told: Told, gone: Happening) -> None:
    """The happening, and what it returned."""
    told.happenings = [it for it in told.happenings if it is not gone and it.data.get("callback") is not gone]


def repeat(told: Told, random: Random) -> None:
    """Something happens twice."""
    once = pick(told, random, *REPEATABLE)
    if once is None:
        return
    again = [once.copy()]
    for it in told.happenings:
        if it.data.get("callback") is once:
            again.append(Happening("returned", **{**it.data, "callback": again[0]}))
    place = random.randrange(told.happenings.index(once) + 1, len(told.happenings) + 1)
    told.happenings[place:place] = again


def move(told: Told, random: Random) -> None:
    """Something happens earlier or later."""
    it = pick(told, random, *DROPPABLE, "mark")
    if it is None:
        return
    happenings = told.happenings
    before, place = list(happenings), happenings.index(it)
    happenings.remove(it)
    happenings.insert(min(max(1, place + random.randint(-8, 8)), len(happenings)), it)
    if not _is_in_order(happenings):
        told.happenings = before


def _is_in_order(happenings: list[Happening]) -> bool:
    seen: set[Happening] = set()
    answered = set()
    for it in happenings:
        if it.kind in ("answer", "refusal"):
            answered.add(it.data["operation"])
        if it.kind == "call" and it.data["operation"] in answered:
            return False
        if any(it.data.get(name) is not None and it.data[name] not in seen for name in REFERENCES):
            return False
        seen.add(it)
    return True


def change_state(told: Told, random: Random) -> None:
    """A state is another one."""
    it = pick(told, random, "commit", "callback", "read", "answer")
    places = _states(it) if it else []
    if it and places:
        name, key = random.choice(places)
        _put(it, name, key, changed(_get(it, name, key), random))


def swap_states(told: Told, random: Random) -> None:
    """Two states change their places."""
    one, other = (pick(told, random, "commit", "callback", "read", "answer") for _ in range(2))
    if one is None or other is None or not _states(one) or not _states(other):
        return
    here, there = random.choice(_states(one)), random.choice(_states(other))
    mine, theirs = _get(one, *here), _get(other, *there)
    if mine is not None and theirs is not None and mine.id == theirs.id:
        _put(one, *here, theirs)
        _put(other, *there, mine)


def _states(it: Happening) -> list[tuple[str, Any]]:
    """Where a happening holds states: the name of its datum, and the key in it."""
    if it.kind == "commit":
        return [("writes", number) for number in it.data["writes"]]
    if it.kind == "answer":
        return [("ports", place) for place in range(len(it.data["ports"]))]
    names = {"callback": ("now", "was"), "read": ("state",)}[it.kind]
    return [(name, None) for name in names if it.data[name] is not None]


def _get(it: Happening, name: str, key: Any) -> Port | None:
    found: Port | None = it.data[name] if key is None else it.data[name][key]
    return found


def _put(it: Happening, name: str, key: Any, state: Port | None) -> None:
    if key is None:
        it.data[name] = state
    else:
        items = dict(it.data[name]) if name == "writes" else list(it.data[name])
        items[key] = state  # type: ignore[index]
        it.data[name] = items


def changed(state: Port | None, random: Random) -> Port | None:
    """A state that differs in one thing."""
    if state is None:
        return None
    binding = state.binding
    return random.choice(
        (
            state._replace(name="mutated"),
            state._replace(revision_number=state.revision_number + random.choice((-1, 1))),
            state._replace(status="BUILD"),
            state._replace(binding=binding._replace(host=random.choice(("", "h1", "h2", "h9")))),
            state._replace(binding=binding._replace(profile='{"mutated":1}')),
            state._replace(binding=binding._replace(generation=binding.generation + random.choice((-1, 1)))),
            state._replace(binding=binding.unbound()),
            state._replace(binding=binding._replace(vif_type="binding_failed")),
            state._replace(binding=binding._replace(vif_type="ovs", vif_details='{"token":"token-1"}')),
            state._replace(binding=binding._replace(driver=random.choice((None, "sdn", "log")))),
        )
    )


def remove_port(told: Told, random: Random) -> None:
    """A commit deletes, or a statement finds nothing."""
    it = pick(told, random, "commit", "read")
    if it and _states(it):
        _put(it, *random.choice(_states(it)), None)


def flip(told: Told, random: Random) -> None:
    """A word is another one."""
    it = pick(told, random, *_FLIPS)
    if it:
        name, values = random.choice(_FLIPS[it.kind])
        it.data[name] = random.choice([value for value in values if value != it.data[name]])


_OUTCOMES = ("committed", "bound_by_other", "inputs_changed", "deleted", "unchanged_failure", "error")
_FLIPS: dict[str, list[tuple[str, tuple[Any, ...]]]] = {
    "end": [("outcome", ("commit", "rollback", "deadlock", "commit_outcome_unknown")), ("transaction", (1, 2, 3))],
    "attempt": [("outcome", _OUTCOMES), ("bound", (True, False)), ("nth", (1, 2, 3, 11)), ("number", (1, 2))],
    "refusal": [("error", ("PortNotFound", "MechanismDriverError", "RetriesExhausted"))],
    "returned": [("outcome", ("ok", "error")), ("sets", (None, result("token-1"), result("token-2")))],
    "callback": [("transaction", (-1, 1, 2)), ("driver", ("sdn", "log")), ("operation", (0, 1, 2))],
    "read": [("transaction", (1, 2, 3)), ("operation", (0, 1, 2))],
    "commit": [("operation", (0, 1, 2))],
    "change": [("what", ("reserved", "dropped")), ("token", ("token-1", "token-2", "token-of-2"))],
    "bindable": [("can_bind", (True, False))],
    "gave_up": [("attempts", (1, 2, 10)), ("operation", (0, 1, 2))],
}


def answer_otherwise(told: Told, random: Random) -> None:
    """An operation that was answered is refused, or the other way round."""
    it = pick(told, random, "answer", "refusal")
    if it is None:
        return
    operation = it.data["operation"]
    if it.kind == "answer":
        other = Happening("refusal", operation=operation, error=random.choice(("PortNotFound", "MechanismDriverError")))
    else:
        other = Happening("answer", operation=operation, ports=())
    told.happenings[told.happenings.index(it)] = other


def shorten_answer(told: Told, random: Random) -> None:
    """A port is missing in an answer."""
    it = pick(told, random, "answer")
    if it and it.data["ports"]:
        ports = list(it.data["ports"])
        ports.pop(random.randrange(len(ports)))
        it.data["ports"] = ports


def widen(told: Told, random: Random) -> None:
    """A commit has an interval instead of an instant."""
    it = pick(told, random, "commit")
    if it is None or it.data["sent"] is not None:
        return
    it.data["sent"] = Happening("mark")
    place = told.happenings.index(it)
    told.happenings.insert(max(1, place - random.randint(1, 12)), it.data["sent"])


def doubt(told: Told, random: Random) -> None:
    """A client does not learn what its COMMIT has done."""
    it = pick(told, random, "end")
    if it:
        it.data["outcome"] = "commit_outcome_unknown"


def invent(told: Told, random: Random) -> None:
    """Something that did not happen."""
    number = random.choice((1, 2))
    made = random.choice(
        (
            Happening("gave_up", operation=random.randrange(3), number=number, attempts=random.choice((1, 10))),
            Happening("bindable", number=number, can_bind=True),
            Happening("change", what="reserved", number=number, host="h1", token="token-x"),
            Happening("wrote", transaction=random.choice((1, 2, 3)), number=number),
        )
    )
    told.happenings.insert(random.randrange(1, len(told.happenings) + 1), made)


MUTATIONS: tuple[Mutation, ...] = (
    drop, drop, repeat, move, move, change_state, change_state, change_state, swap_states, remove_port, flip, flip,
    flip, answer_otherwise, shorten_answer, widen, doubt, invent,
)  # fmt: skip
