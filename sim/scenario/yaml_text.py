"""YAML text to plain data, with the line of every key and item; and plain data back to the same YAML bytes.

Used by the loader, the overrides and the resolved form. It knows nothing of what a scenario means. Numbers
are read as YAML 1.2 writes them, so 1e-3 is a number and `no` and `on` are words.
"""

import math
import re
from collections.abc import Hashable
from typing import Any

import yaml

from sim.scenario.problems import Path

LARGEST_DOCUMENT_NODES = 200_000  # aliases counted each time they are used, so that a bomb of aliases ends here
DEEPEST = 100  # nested levels; no scenario comes near
_NUMBER = re.compile(
    r"[-+]?(\d[\d_]*)?\.?\d+([eE][-+]?\d+)?|[-+]?\d+\.([eE][-+]?\d+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_KINDS = ("str", "int", "float", "bool", "null", "timestamp", "value")
_NULLS = ("", "~", "null", "Null", "NULL")


class YamlProblem(ValueError):
    """Text that is not YAML that we read; `line` counts from 1."""

    def __init__(self, line: int, sentence: str, path: Path = ()) -> None:
        super().__init__(sentence)
        self.line, self.sentence, self.path = line, sentence, path


def parse(text: str) -> tuple[Any, dict[Path, int]]:
    """The data, and the line (from 1) at which each part of it begins. Raises YamlProblem."""
    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        raise _syntax_problem(error) from None
    except yaml.YAMLError as error:
        raise YamlProblem(1, f"is not YAML: {' '.join(str(error).split())}") from None
    reader = _Reader()
    return (reader.read(node, ()) if node is not None else None), reader.lines


def parse_value(text: str) -> Any:
    """A value given on the command line. Raises YamlProblem."""
    return parse(text)[0]


def dump(data: Any) -> str:
    """The data as YAML: keys in their order, a line each, numbers in their shortest exact form."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100, default_flow_style=False)


def _syntax_problem(error: yaml.MarkedYAMLError) -> YamlProblem:
    mark = error.problem_mark or error.context_mark
    what = " ".join(filter(None, (error.context, error.problem)))
    return YamlProblem(mark.line + 1 if mark else 1, f"is not YAML: {what}")


class _Reader:
    """Walks YAML nodes, remembering lines and refusing duplicate keys."""

    def __init__(self) -> None:
        self.lines: dict[Path, int] = {}
        self._nodes = 0

    def read(self, node: yaml.Node, path: Path) -> Any:
        self._nodes += 1
        self.lines.setdefault(path, node.start_mark.line + 1)
        if self._nodes > LARGEST_DOCUMENT_NODES or len(path) > DEEPEST:
            raise YamlProblem(node.start_mark.line + 1, "is too large or nested too deeply for a scenario")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(item, (*path, index)) for index, item in enumerate(node.value)]
        assert isinstance(node, yaml.ScalarNode)
        return _scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[Hashable, Any]:
        found: dict[Hashable, Any] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node, path)
            line = key_node.start_mark.line + 1
            if key in found:
                first = self.lines[(*path, key)]
                raise YamlProblem(line, f"is given twice; the first is in line {first}", (*path, key))
            self.lines[(*path, key)] = line
            found[key] = self.read(value_node, (*path, key))
        return found

    def _key(self, node: yaml.Node, path: Path) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise YamlProblem(node.start_mark.line + 1, "has a key that is not a word", path)
        if node.value == "<<":
            raise YamlProblem(node.start_mark.line + 1, "uses a merge key (<<), which scenarios do not have", path)
        return str(node.value)


def _scalar(node: yaml.ScalarNode) -> Any:
    text, kind = str(node.value), str(node.tag)
    if kind.rpartition(":")[2] not in _KINDS or not kind.startswith("tag:yaml.org,2002:"):
        raise YamlProblem(node.start_mark.line + 1, f"has the tag {kind}, which scenarios do not have")
    if node.style or (kind == "tag:yaml.org,2002:str" and not _NUMBER.fullmatch(text)):
        return text
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    return _number(text) if _NUMBER.fullmatch(text) else text


def _number(text: str) -> int | float:
    digits = text.replace("_", "")
    if re.fullmatch(r"[-+]?\d{1,30}", digits):
        return int(digits)
    return float(digits.replace(".inf", "inf").replace(".Inf", "inf").replace(".INF", "inf").replace(".n", "n"))


class _Dumper(yaml.SafeDumper):
    """No aliases, exact floats."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_float(dumper: yaml.SafeDumper, value: float) -> yaml.Node:
    mantissa, e, exponent = repr(value).partition("e")
    text = f"{mantissa if '.' in mantissa else mantissa + '.0'}{e}{exponent}" if e else mantissa
    return dumper.represent_scalar("tag:yaml.org,2002:float", text if math.isfinite(value) else "." + text)


_Dumper.add_representer(float, _represent_float)
