"""Turns pydantic's errors into sentences to act on: what is wrong, what is allowed, what was probably meant.

The loader calls it. Only this module knows pydantic's error types.
"""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from sim.scenario import paths
from sim.scenario.base import Part
from sim.scenario.controllers import RANGE
from sim.scenario.problems import Path, shown

Complaint = tuple[Path, str]
"""Where, and a sentence that follows the field's name."""

_LIMITS = {
    "greater_than": ("gt", "more than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}
_PATTERNS = {
    "a-zA-Z": "a name: a letter, then letters, digits, _, - or dots, at most 60 in all",
    "A-Za-z_": "a driver's class as package.module:Class, or the name of its entry point",
    "A-Za-z": "a name: a letter, then letters, digits, _ or -, at most 60 in all",
    "a-z": "a metric's name, such as latency_s.create_port.p95; `bindsim metrics` lists them",
}


def complaints(root: type[Part], error: ValidationError) -> list[Complaint]:
    """One complaint for each of pydantic's errors, in the order of the schema."""
    return [_complaint(root, d) for d in error.errors(include_url=False) if not _is_echo(d)]


def _is_echo(details: Mapping[str, Any]) -> bool:
    """Whether a list is only called too short because of complaints about its items."""
    return details["type"] == "too_short" and bool(len(details["input"]) >= details["ctx"]["min_length"])


def _complaint(root: type[Part], details: Mapping[str, Any]) -> Complaint:
    path = tuple(step for step in details["loc"] if step not in ("[key]", RANGE))
    if details["type"] in ("cross", "exactly_one"):
        return path, details["msg"]
    if details["type"] == "missing":
        return path, f"is missing: {_wanted(root, path)}"
    if details["type"] == "extra_forbidden" or "[key]" in details["loc"]:
        known = paths.keys_of(paths.kind_at(root, path[:-1]))
        return path, f"is not a known key: {paths.suggestion(str(path[-1]), known)}"
    if details["type"] in ("too_short", "too_long"):
        return path, f"holds {details['ctx']['actual_length']} items: {_size_rule(details)}"
    return path, f"is {shown(details['input'])}: must be {_rule(root, path, details)}"


def _size_rule(details: Mapping[str, Any]) -> str:
    if details["type"] == "too_short":
        return f"needs at least {details['ctx']['min_length']}"
    return f"may hold at most {details['ctx']['max_length']}"


def _rule(root: type[Part], path: Path, details: Mapping[str, Any]) -> str:
    kind = details["type"]
    if kind in _LIMITS:
        limit, words = _LIMITS[kind]
        return f"{words} {details['ctx'][limit]:g}"
    if kind == "literal_error":
        return _one_of(details["ctx"]["expected"])
    if kind == "string_pattern_mismatch":
        return next(words for start, words in _PATTERNS.items() if details["ctx"]["pattern"].startswith(f"^[{start}]"))
    return _TYPES.get(kind, _other)(root, path, details)


def _one_of(expected: str) -> str:
    return expected if " or " not in expected else f"one of {expected}"


def _wanted(root: type[Part], path: Path) -> str:
    """What a missing field is for: its description in the schema."""
    holder = paths.kind_at(root, path[:-1])
    if not paths.is_part(holder):
        return "it must be given"
    field = holder.model_fields[holder.known_keys()[str(path[-1])]]
    return " ".join((field.description or "it must be given").split())


def _mapping(root: type[Part], path: Path, details: Mapping[str, Any]) -> str:
    kind = paths.kind_at(root, path)
    if paths.is_choice(kind):
        return f"a mapping with one of the keys {', '.join(kind.choices())}"
    return f"a mapping with the keys {', '.join(paths.keys_of(kind))}"


def _text(root: type[Part], path: Path, details: Mapping[str, Any]) -> str:
    longest = details.get("ctx", {}).get("max_length")
    return f"text of at most {longest} characters" if longest else "text, and not empty"


def _other(root: type[Part], path: Path, details: Mapping[str, Any]) -> str:
    return f"something else ({details['msg']})"


def _fixed(words: str) -> Callable[[type[Part], Path, Mapping[str, Any]], str]:
    return lambda root, path, details: words


_TYPES: dict[str, Callable[[type[Part], Path, Mapping[str, Any]], str]] = {
    "float_type": _fixed("a number"),
    "finite_number": _fixed("a finite number"),
    "int_type": _fixed("a whole number"),
    "int_from_float": _fixed("a whole number"),
    "bool_type": _fixed("true or false"),
    "string_type": _fixed("text"),
    "string_too_short": _text,
    "string_too_long": _text,
    "tuple_type": _fixed("a list"),
    "list_type": _fixed("a list"),
    "dict_type": _mapping,
    "model_type": _mapping,
    "model_attributes_type": _mapping,
}
