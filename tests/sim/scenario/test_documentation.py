"""The page about scenario files: its example is a scenario, and it leaves no key out."""

import re
from pathlib import Path
from typing import Any

import pytest

from sim.scenario import Choice, Part, Scenario, parse_scenario, paths
from sim.scenario.yaml_text import parse

PAGE = Path(__file__).parents[3] / "docs" / "scenarios.md"


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text()


@pytest.fixture(scope="module")
def example(page: str) -> dict[str, Any]:
    block = re.search(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert block is not None
    data: dict[str, Any] = parse(block[1])[0]
    return data


def _kinds(kind: Any, seen: dict[type[Part], None]) -> None:
    kind = paths.plain(kind)
    if paths.is_list(kind) or paths.is_table(kind):
        _kinds(paths.item_of(kind), seen)
    elif paths.is_part(kind) and kind not in seen:
        seen[kind] = None
        for field in kind.model_fields.values():
            _kinds(field.annotation, seen)


def test_the_annotated_example_is_a_valid_scenario(example: dict[str, Any]) -> None:
    assert parse_scenario(example).question == example["question"]


def test_every_key_of_the_format_is_on_the_page(page: str) -> None:
    kinds: dict[type[Part], None] = {}
    _kinds(Scenario, kinds)
    words = set(re.findall(r"[a-z0-9_]+", page))
    missing = {f"{kind.__name__}.{key}" for kind in kinds for key in kind.known_keys() if key not in words}
    assert missing == set()


def test_every_default_that_the_example_does_not_call_otherwise_is_the_real_one(page: str) -> None:
    block = re.search(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert block is not None
    data, lines = parse(block[1])
    text = block[1].splitlines()
    for path, said in _scalars(data, ()):
        real = _default(path)
        comment = text[lines[path] - 1]
        if real is not None and "default" not in comment and path[0] in ("topology", "api", "database", "horizon"):
            assert said == real, ".".join(map(str, path))


def _scalars(value: Any, path: tuple[str | int, ...]) -> list[tuple[tuple[str | int, ...], Any]]:
    if isinstance(value, dict):
        return [found for key, held in value.items() for found in _scalars(held, (*path, key))]
    if isinstance(value, list):
        return [found for index, held in enumerate(value) for found in _scalars(held, (*path, index))]
    return [(path, value)]


def _default(path: tuple[str | int, ...]) -> Any:
    """The default of a scalar directly inside a part; None where there is none or it is no scalar."""
    holder = paths.kind_at(Scenario, path[:-1])
    if not paths.is_part(holder) or issubclass(holder, Choice):
        return None
    field = holder.model_fields[holder.known_keys()[str(path[-1])]]
    default = None if field.is_required() else field.default
    return default if isinstance(default, (int, float, str)) else None
