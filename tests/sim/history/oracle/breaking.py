"""For each property a change of a history that is likely to break it: beside random mutations, for test_oracle.py."""

from random import Random

from core.binding.promises import (
    AGREEMENT,
    ANSWERS,
    CONTRACT,
    CONVERGENCE,
    DURABILITY,
    FRESHNESS,
    ISOLATION,
    OUTCOME,
)
from core.records import Port
from tests.sim.history.oracle.mutations import Mutation, changed, drop_this, pick, repeat
from tests.sim.history.told import Told
from tests.sim.history.written import Happening, renamed


def _callbacks(told: Told, random: Random) -> None:
    """A driver is not told, or of something else, or twice."""
    it = pick(told, random, "callback")
    if it is None:
        return
    draw = random.random()
    if draw < 0.4:
        drop_this(told, it)
    elif draw < 0.8:
        name = "was" if it.data["was"] is not None and random.random() < 0.5 else "now"
        it.data[name] = changed(it.data[name], random)
    else:
        repeat(told, random)


def _overwrite(told: Told, random: Random) -> None:
    """A binding goes without a change of inputs, or without a word to drivers."""
    removals = [it for it in told.happenings[1:] if it.kind == "commit" and _before(told, it) is not None]
    if not removals or random.random() < 0.2:
        _commit_out_of_nowhere(told, random)
        return
    it = random.choice(removals)
    before = _before(told, it)
    if before is not None and random.random() < 0.5:
        (number,) = it.data["writes"]
        it.data["writes"] = {number: _unbound(before)}
        return
    for call in [each for each in told.happenings if each.kind == "callback"]:
        if call.data["transaction"] == it.data["transaction"] and call.data["method"].endswith("precommit"):
            drop_this(told, call)


def _before(told: Told, commit: Happening) -> Port | None:
    """The bound state of the port before a commit, if it was bound."""
    (number,) = commit.data["writes"]
    state: Port | None = None
    for it in told.happenings[: told.happenings.index(commit)]:
        if it.kind == "commit" and number in it.data["writes"]:
            state = it.data["writes"][number]
    return state if state is not None and state.binding.is_successful else None


def _unbound(state: Port) -> Port:
    return renamed(state, state.name).with_binding(state.binding.unbound(), status="DOWN")


def _commit_out_of_nowhere(told: Told, random: Random) -> None:
    state: Port = told.happenings[0].data["writes"][2]
    made = Happening("commit", operation=0, transaction=99, writes={2: _unbound(state)}, name="update_port", sent=None)
    told.happenings.insert(random.randrange(1, len(told.happenings) + 1), made)


def _stale(told: Told, random: Random) -> None:
    """A commit has other inputs or another generation than it should."""
    it = pick(told, random, "commit")
    state = None if it is None else next(iter(it.data["writes"].values()))
    if it is None or state is None:
        return
    (number,) = it.data["writes"]
    binding = state.binding
    wrong = (
        binding._replace(host="h8") if random.random() < 0.5 else binding._replace(generation=binding.generation + 1)
    )
    it.data["writes"] = {number: state._replace(binding=wrong)}


def _answer(told: Told, random: Random) -> None:
    """An answer shows another state of the port, or not all."""
    it = pick(told, random, "answer")
    if it is None or not it.data["ports"]:
        return
    ports = list(it.data["ports"])
    place = random.randrange(len(ports))
    states = [
        state for commit in told.happenings if commit.kind == "commit" for state in commit.data["writes"].values()
    ]
    others = [state for state in states if state is not None and state.id == ports[place].id]
    if random.random() < 0.3:
        ports.pop(place)
    elif others and random.random() < 0.6:
        ports[place] = random.choice(others)
    else:
        ports[place] = changed(ports[place], random)
    it.data["ports"] = ports


def _attempt(told: Told, random: Random) -> None:
    """The observer says another word."""
    it = pick(told, random, "attempt", "end", "gave_up")
    if it is None:
        return
    if it.kind == "attempt":
        name, values = random.choice((("outcome", _OUTCOMES), ("bound", (True, False)), ("nth", (1, 2, 11))))
        it.data[name] = random.choice(values)
    elif it.kind == "end":
        it.data["outcome"] = random.choice(("commit", "rollback", "commit_outcome_unknown"))
    else:
        it.data["attempts"] = 1


_OUTCOMES = ("committed", "bound_by_other", "inputs_changed", "deleted", "unchanged_failure", "error")


def _missing(told: Told, random: Random) -> None:
    """A port that could be bound is left unbound."""
    told.bindable(random.choice((1, 2)), can_bind=random.random() < 0.8)


def _entries(told: Told, random: Random) -> None:
    """The controller's table has another entry, or lacks one."""
    it = pick(told, random, "change")
    if it is not None and random.random() < 0.5:
        drop_this(told, it)
    else:
        made = Happening("change", what="reserved", number=1, host="h1", token="token-x")
        told.happenings.insert(random.randrange(1, len(told.happenings) + 1), made)


def _read(told: Told, random: Random) -> None:
    """A statement returns something else."""
    it = pick(told, random, "read")
    if it is not None:
        it.data["state"] = None if random.random() < 0.2 else changed(it.data["state"], random)


BREAKING: dict[str, Mutation] = {
    CONTRACT: _callbacks,
    DURABILITY: _overwrite,
    FRESHNESS: _stale,
    ANSWERS: _answer,
    OUTCOME: _attempt,
    CONVERGENCE: _missing,
    AGREEMENT: _entries,
    ISOLATION: _read,
}
