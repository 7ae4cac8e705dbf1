"""Blocks: what a scenario writes under `database:` and `api:`, as plain data and as YAML under a comment.

The comment says what was measured, where and when, because the numbers hold for nothing else.
"""

import json
from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import Any

from sim.calibration.chosen import MANY, chosen
from sim.calibration.costs import HALF, Costs
from sim.calibration.measuring import Circumstances
from sim.database import BEGIN, COMMIT, COMMIT_READ_ONLY
from sim.fitting.estimators import shortened

Spec = dict[str, Any]

_PROFILES = {"postgresql": "postgresql", "mariadb": "innodb"}
_WIDTH = 80
_AFTER = 0.5  # of a call's computing that follows the answer: assumption, as much is unpacked as was packed


def blocks(costs: Costs, circumstances: Circumstances) -> dict[str, Any]:
    """`{"database": {...}, "api": {...}}`, to be merged into a scenario's data."""
    return {"database": _database(costs, circumstances), "api": _api(costs, circumstances)}


def _database(costs: Costs, circumstances: Circumstances) -> dict[str, Any]:
    idle = costs.busy.idle_over_mean
    begin = {} if costs.begin is None else {BEGIN: shortened(idle * costs.begin.server_s)}
    calls = {**costs.statements, COMMIT: costs.commit, COMMIT_READ_ONLY: costs.commit_read_only}
    return {
        "profile": _PROFILES[circumstances.kind],
        "round_trip_s": shortened(costs.round_trip_s),
        "execution_s": times(idle, chosen(costs.everything.server).spec),
        "statements_s": begin | {name: times(idle, chosen(call.server).spec) for name, call in calls.items()},
        "statement_factor": 1,
        "commit_s": shortened(float(costs.flush.column.values.mean())),
        "flush_s": chosen(costs.flush, MANY).spec,
        "commit_slots": costs.commit_slots,
        "cores": circumstances.cores,
        **({"on_api_machine": True} if costs.knows_server else {}),
    }


def _api(costs: Costs, circumstances: Circumstances) -> dict[str, Any]:
    idle = costs.busy.idle_over_mean
    ends = {COMMIT: costs.commit.cpu_s, COMMIT_READ_ONLY: costs.commit_read_only.cpu_s}
    begin = {} if costs.begin is None else {BEGIN: costs.begin.cpu_s}
    calls = begin | {name: costs.cpu_s_of(call) for name, call in costs.statements.items()} | ends
    return {
        "cores": circumstances.cores,
        "cpu_s": shortened(idle * costs.cpu_s()),
        "operations_cpu_s": {kind: shortened(idle * costs.cpu_s(kind)) for kind in costs.kinds},
        "cpu_s_per_statement": shortened(idle * costs.cpu_s_of(costs.everything)),
        "statements_cpu_s": {name: shortened(idle * cpu_s) for name, cpu_s in calls.items()},
        "cpu_after_share": _AFTER,
        **(_others(costs) if costs.knows_server else {}),
    }


def _others(costs: Costs) -> dict[str, float]:
    """What else happens on the machine; what is 0 is left out."""
    idle = costs.busy.idle_over_mean
    found = {
        "load_cpu_s": idle * HALF * costs.load_s,
        "load_delay_s": costs.delay_s,
        "answer_cpu_s": idle * HALF * costs.load_s,
        "background_cpu_s": idle * costs.unseen_s,
        "busy_core_factor": costs.busy.factor if costs.busy.factor < 1 else 0.0,
    }
    return {key: shortened(value) for key, value in found.items() if value}


def times(factor: float, value: Any, key: str = "") -> Any:
    """A distribution of which every duration (a key that ends in _s) is `factor` times as long."""
    if isinstance(value, dict):
        return {name: times(factor, held, name) for name, held in value.items()}
    if isinstance(value, list):
        return [times(factor, held, key) for held in value]
    return shortened(factor * value) if key.endswith("_s") and factor != 1 else value


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
        f"computing was {server}.{'' if found.scenario is None else f' In service: {found.scenario}.'}"
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
