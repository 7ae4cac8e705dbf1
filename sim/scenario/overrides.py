"""`--set PATH=VALUE`: changes plain scenario data before it is validated.

A path is keys and list positions joined by dots (`workload.arrivals.poisson.rate_per_s`,
`drivers.0.latency.bind_port`); an item of a list may also be called by its name
(`controllers.sdn.concurrency`). Setting another key of an exclusive choice replaces the choice. The value is
YAML. Whether the result is valid is decided by the models.
"""

import copy
import json
from collections.abc import Iterable
from typing import Any

from sim.scenario import paths
from sim.scenario.base import Part
from sim.scenario.plain_data import plain_default
from sim.scenario.problems import Path, Problem, ScenarioError, dotted
from sim.scenario.yaml_text import YamlProblem, parse_value


class _Refused(ValueError):
    """An override that leads nowhere."""


def apply(root: type[Part], data: Any, overrides: Iterable[str]) -> tuple[Any, dict[Path, str]]:
    """A changed copy of the data, and which override each changed place comes from. Raises ScenarioError."""
    changes, origins, problems = tuple(overrides), dict[Path, str](), list[Problem]()
    if changes:
        data = copy.deepcopy(data)  # without changes nothing is written to it
    for text in changes:
        try:
            origins[_apply_one(root, data, text)] = f"--set {text}"
        except _Refused as refused:
            problems.append(Problem(f"--set {text}", (), str(refused)))
    if problems:
        raise ScenarioError(problems)
    return data, origins


def as_text(path: str, value: Any) -> str:
    """The override that sets `path` to a plain value."""
    return f"{path}={json.dumps(value)}"


def _apply_one(root: type[Part], data: Any, text: str) -> Path:
    path, equals, value = text.partition("=")
    steps = path.strip().split(".")
    if not equals or not all(steps):
        raise _Refused("must have the form PATH=VALUE, such as horizon.duration_s=30")
    return _put(root, data, steps, _value(value))


def _value(text: str) -> Any:
    try:
        return parse_value(text)
    except YamlProblem as problem:
        raise _Refused(f"has a value that {problem.sentence}") from None


def _put(root: type[Part], data: Any, steps: list[str], value: Any) -> Path:
    """Walks to the last step's holder, making mappings on the way, and puts the value there."""
    holder, kind, path = data, paths.plain(root), Path()
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        key = _key(holder, kind, step, path)
        _make_room(holder, kind, key)
        path, kind = (*path, key), paths.kind_at(root, (*path, key))
        if following is None:
            holder[key] = value
        else:
            holder[key] = _opened(root, holder, path)
            holder = holder[key]
    return path


def _key(holder: Any, kind: Any, step: str, path: Path) -> str | int:
    if isinstance(holder, list):
        return _position(holder, step, path)
    known = paths.keys_of(kind)
    if known and step not in known:
        raise _Refused(
            f"names an unknown key '{step}' in {dotted(path) or 'the scenario'}; " + paths.suggestion(step, known)
        )
    return step


def _position(holder: list[Any], step: str, path: Path) -> int:
    if step.isdigit() and int(step) < len(holder):
        return int(step)
    names = [_name_of(item) for item in holder]
    if step in names:
        return names.index(step)
    what = f"0 to {len(holder) - 1}" if holder else "none: the list is empty"
    called = [name for name in names if name]
    raise _Refused(f"names no item of {dotted(path)}: '{step}'; allowed: {', '.join([what, *called])}")


def _name_of(item: Any) -> str | None:
    return item if isinstance(item, str) else item.get("name") if isinstance(item, dict) else None


def _make_room(holder: Any, kind: Any, key: str | int) -> None:
    """An exclusive choice keeps only the key that is now set."""
    if isinstance(holder, dict) and paths.is_choice(kind) and key in kind.choices():
        for other in kind.choices():
            if other != key:
                holder.pop(other, None)


def _opened(root: type[Part], holder: Any, path: Path) -> Any:
    """What is at the end of `path`, as a mapping or list that can be changed; a shorthand is written out."""
    key, kind = path[-1], paths.kind_at(root, path)
    held = holder.get(key) if isinstance(holder, dict) else holder[key]
    if held is None:
        held = plain_default(paths.kind_at(root, path[:-1]), str(key))
    elif paths.is_part(kind):
        held = kind.expand(held)
    if held is None and not paths.is_list(kind):
        held = {}
    if not isinstance(held, (dict, list)):
        raise _Refused(f"goes into {dotted(path)}, which is a single value")
    return held
