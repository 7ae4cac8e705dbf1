"""Objectives: what is demanded of a metric, as people write it: `latency_s.create_port.p95 < 5`.

`thresholds:` of a scenario and `--slo` are read by this one parser; sim.experiment judges what was measured against the
result. Nothing here knows which metrics exist, nor any value.

    METRIC < NUMBER                     also <= == >= >; the number is in the metric's own unit
    METRIC == 0 in NUMBER operations    demands at least that many operations too
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from operator import eq, ge, gt, le, lt
from typing import Final

METRIC: Final = r"[a-z][a-z0-9_]*(\.[A-Za-z0-9_-]+)?\.[a-z0-9_]+"
"""The form of a metric's name, as a regular expression."""
COMPARISONS: Final[dict[str, Callable[[float, float], bool]]] = {"<": lt, "<=": le, "==": eq, ">=": ge, ">": gt}
LONGEST_TEXT: Final = 300  # characters; a metric's name is far shorter

_FORM = f"it must have the form METRIC < NUMBER, with one of {' '.join(COMPARISONS)}"
_PARTS = re.compile(r"(?P<metric>[^<>=!≤≥≠]*)(?P<comparison>[<>=!≤≥≠]+)(?P<rest>.*)", re.DOTALL)
_OPERATIONS = re.compile(r"(?P<number>\S+)\s+in\s+(?P<operations>\S+)\s+operations?")
_MEANT = {"=": "==", "=<": "<=", "=>": ">=", "≤": "<=", "≥": ">=", "===": "=="}


class ObjectiveError(ValueError):
    """A text that is no objective; the message names the text, what is wrong with it and what is allowed."""


@dataclass(frozen=True, slots=True)
class Objective:
    """What is demanded of one metric. `operations` is how many must have been seen before 'none seen' is believed."""

    metric: str
    comparison: str  # one of COMPARISONS
    limit: float  # in the metric's unit
    operations: int | None = None

    @property
    def text(self) -> str:
        """The one way to write it; parsing it gives an equal objective."""
        seen = "" if self.operations is None else f" in {self.operations} operations"
        return f"{self.metric} {self.comparison} {_number_text(self.limit)}{seen}"

    @property
    def is_upper_limit(self) -> bool:
        """Whether less is safer."""
        return self.comparison in ("<", "<=")

    def holds(self, value: float) -> bool:
        """Whether a value keeps it, in the metric's unit."""
        return COMPARISONS[self.comparison](value, self.limit)

    def __str__(self) -> str:
        return self.text


def parse_objective(text: str) -> Objective:
    """The objective that a text means. Raises ObjectiveError; whether the metric exists is not looked at."""
    found = _PARTS.fullmatch(text.strip())
    if len(text) > LONGEST_TEXT:
        raise ObjectiveError(f"'{text[:40]}...' is longer than {LONGEST_TEXT} characters")
    if found is None:
        raise ObjectiveError(f"'{text}' holds no comparison: {_FORM}")
    metric, comparison = found["metric"].strip(), _comparison(found["comparison"], text)
    if re.fullmatch(METRIC, metric) is None:
        raise ObjectiveError(
            f"'{text}' does not begin with a metric's name, such as latency_s.create_port.p95: {_FORM}"
        )
    number, operations = _split(found["rest"].strip(), text)
    limit = _number(number, text)
    if operations is not None and (comparison, limit) != ("==", 0):
        raise ObjectiveError(f"'{text}': a number of operations belongs to == 0 only; leave 'in ... operations' out")
    return Objective(metric, comparison, limit, operations)


def _comparison(found: str, text: str) -> str:
    if found in COMPARISONS:
        return found
    meant = f"; did you mean {_MEANT[found]}?" if found in _MEANT else ""
    raise ObjectiveError(f"'{text}': '{found}' is no comparison; allowed: {' '.join(COMPARISONS)}{meant}")


def _split(rest: str, text: str) -> tuple[str, int | None]:
    """The number, and the number of operations where one is stated."""
    found = _OPERATIONS.fullmatch(rest)
    if found is None:
        return rest, None
    digits = found["operations"].replace(",", "")
    if not (digits.isascii() and digits.isdigit() and int(digits)):
        raise ObjectiveError(f"'{text}': '{found['operations']}' is no number of operations; it must be at least 1")
    return found["number"], int(digits)


def _number(word: str, text: str) -> float:
    try:
        value = float(word)
    except ValueError:
        value = float("nan")
    if isfinite(value) and "_" not in word:
        return value
    told = f"'{word}' is no number" if word else "the number is missing"
    raise ObjectiveError(f"'{text}': {told}; give a finite one in the metric's own unit, without the unit, such as 5")


def _number_text(value: float) -> str:
    """The shortest text that means the same number."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
