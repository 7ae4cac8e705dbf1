"""Parts of a scenario as plain data (mappings, lists, words, numbers), the way a file would say them.

Used by the resolved form and by the overrides.
"""

from typing import Any

from sim.scenario.base import Choice, Part


def plain(value: Any) -> Any:
    """The value as plain data with all defaults written out; a choice has only its chosen key."""
    if isinstance(value, Part):
        return {key: plain(getattr(value, name)) for key, name in _said(value).items()}
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(held) for key, held in value.items()}
    return value


def plain_default(kind: Any, key: str) -> Any:
    """What a part of this kind has at `key` when a file says nothing; None when it must say something."""
    if not (isinstance(kind, type) and issubclass(kind, Part)) or issubclass(kind, Choice):
        return None
    field = kind.model_fields[kind.known_keys()[key]]
    return None if field.is_required() else plain(field.get_default(call_default_factory=True))


def _said(part: Part) -> dict[str, str]:
    keys = type(part).known_keys()
    if type(part).leaves_out_nulls:
        return {key: name for key, name in keys.items() if getattr(part, name) is not None}
    if not isinstance(part, Choice):
        silent = type(part).left_out_when_null
        return {k: name for k, name in keys.items() if k not in silent or getattr(part, name) is not None}
    return {key: name for key, name in keys.items() if key == part.kind or key in type(part).beside}
