"""Which kind of value belongs at a place of a scenario: walks the models along a path.

Used to say which keys are allowed where, and to apply overrides. It looks at types only, never at a scenario.
"""

import types
from difflib import get_close_matches
from typing import Annotated, Any, Union, get_args, get_origin

from sim.scenario.base import Choice, Part
from sim.scenario.problems import Path


def kind_at(root: type[Part], path: Path) -> Any:
    """The type that belongs at `path` under `root`; None where no such place exists."""
    kind: Any = root
    for step in path:
        kind = _step(plain(kind), step)
        if kind is None:
            return None
    return plain(kind)


def plain(kind: Any) -> Any:
    """The type without None and annotations; of several types the part among them."""
    if get_origin(kind) is Annotated:
        return plain(get_args(kind)[0])
    if get_origin(kind) in (Union, types.UnionType):
        members = [plain(member) for member in get_args(kind) if member is not type(None)]
        return next((member for member in members if is_part(member)), members[0])
    return kind


def is_part(kind: Any) -> bool:
    """Whether the type is a part of a scenario (a mapping with known keys)."""
    return isinstance(kind, type) and issubclass(kind, Part)


def is_choice(kind: Any) -> bool:
    """Whether the type is a mapping with exactly one of its keys."""
    return is_part(kind) and issubclass(kind, Choice)


def is_list(kind: Any) -> bool:
    """Whether the type is a list of any length."""
    return get_origin(kind) is tuple


def is_table(kind: Any) -> bool:
    """Whether the type is a mapping with keys of one kind."""
    return get_origin(kind) is dict


def item_of(kind: Any) -> Any:
    """The type of what a list or a table holds."""
    return get_args(kind)[1 if is_table(kind) else 0]


def keys_of(kind: Any) -> tuple[str, ...]:
    """The keys allowed in a mapping of this type; none where they are free."""
    if is_part(kind):
        return tuple(kind.known_keys())
    if is_table(kind):
        return tuple(str(word) for word in get_args(get_args(kind)[0]))
    return ()


def suggestion(word: str, known: tuple[str, ...]) -> str:
    """`did you mean ...? ` when a known word is near, and the known ones."""
    near = get_close_matches(word, known, n=1, cutoff=0.6)
    guess = f"did you mean '{near[0]}'? " if near else ""
    return f"{guess}allowed: {', '.join(known)}"


def _step(kind: Any, step: str | int) -> Any:
    if is_part(kind):
        name = kind.known_keys().get(str(step))
        return kind.model_fields[name].annotation if name else None
    return item_of(kind) if is_list(kind) or is_table(kind) else None
