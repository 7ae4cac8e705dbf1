"""Blocks: what a scenario writes under `database:` and `api:`, as plain data and as YAML under a comment.

The comment says what was measured, where and when, because the numbers hold for nothing else.
"""

import json
from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import Any

import numpy as np

from sim.calibration.costs import Costs
from sim.calibration.measuring import Circumstances
from sim.fitting import DurationFit
from sim.fitting.columns import Numbers
from sim.fitting.estimators import shortened

Spec = dict[str, Any]

_PROFILES = {"postgresql": "postgresql", "mariadb": "innodb"}
_WIDTH = 80
_QUANTILES = 21  # every twentieth: enough for what is a small part of every time that anybody looks at


def blocks(costs: Costs, circumstances: Circumstances) -> dict[str, Any]:
    """`{"database": {...}, "api": {...}}`, to be merged into a scenario's data."""
    return {
        "database": {
            "profile": _PROFILES[circumstances.kind],
            "round_trip_s": shortened(costs.round_trip_s),
            "execution_s": spec_of(costs.everything.server),
            "statement_factor": 1,
            "commit_s": shortened(float(costs.flush.column.values.mean())),
            "commit_slots": costs.commit_slots,
            "cores": circumstances.cores,
        },
        "api": {
            "cores": circumstances.cores,
            "cpu_s": shortened(costs.cpu_s()),
            "cpu_s_per_statement": shortened(costs.cpu_s_of(costs.everything)),
        },
    }


def spec_of(fit: DurationFit) -> Spec:
    """The distribution for a scenario: the best one, or a few of the measured quantiles and the measured mean."""
    if fit.best is not fit.empirical:
        return fit.spec
    return {"empirical": {"quantiles_s": _quantiles(fit.column.values)}}


def _quantiles(values: Numbers) -> list[float]:
    """The last one is what gives the mean: few values of thousands decide what the largest is."""
    found = np.quantile(values, np.linspace(0, 1, _QUANTILES))
    rest = np.trapezoid(found[:-1]) / (_QUANTILES - 1)
    last = 2 * (_QUANTILES - 1) * (values.mean() - rest) - found[-2]
    return [shortened(float(value)) for value in (*found[:-1], max(found[-2], last))]


def as_yaml(data: Mapping[str, Any], circumstances: Circumstances, command: str) -> str:
    """The blocks as a scenario's file has them, their provenance above."""
    return "\n".join((*_comment(circumstances, command), *_lines(data, ""))) + "\n"


def provenance(found: Circumstances) -> str:
    """What was measured, in sentences."""
    whose = "a private server" if found.is_private else "a server"
    server = (
        "read from its threads" if found.knows_server else "not readable: what a statement lasts beyond the round trip"
    )
    return (
        f"Measured on {found.date} with {found.driver} and Python {found.python} on {whose}, {found.version}; machine "
        f"with {found.cores} cores; {found.samples} operations of each kind under each strategy. The server's "
        f"computing was {server}."
    )


def _comment(found: Circumstances, command: str) -> Iterator[str]:
    for text in (command, provenance(found)):
        yield from (f"# {line}" for line in wrap(text, _WIDTH - 2, break_long_words=False, break_on_hyphens=False))


def _lines(data: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, held in data.items():
        line = f"{indent}{key}: {_flow(held)}"
        if not isinstance(held, dict) or (indent and len(line) <= _WIDTH):
            yield from [line] if len(line) <= _WIDTH else _list(key, held, indent)
        else:
            yield f"{indent}{key}:"
            yield from _lines(held, f"{indent}  ")


def _list(key: str, numbers: list[float], indent: str) -> Iterator[str]:
    yield f"{indent}{key}: ["
    yield from wrap(
        ", ".join(map(_flow, numbers)),
        _WIDTH - len(indent) - 2,
        initial_indent=f"{indent}  ",
        subsequent_indent=f"{indent}  ",
    )
    yield f"{indent}]"


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(held)}" for key, held in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return json.dumps(value)
