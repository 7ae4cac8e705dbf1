"""What the tests of recording share: a scripted run with a history, and rows of its tables with their words."""

from typing import Any

from sim.history import History
from sim.metrics import Table
from sim.scenario import Strategy
from sim.simulation import run
from tests.sim.model.tiny import tiny

CREATE = {"at_s": 0.1, "operation": "create_port", "host": 1}


def recorded(
    *items: dict[str, Any], strategy: str | Strategy = "deferred", seed: int = 1, initial: int = 1, **changes: Any
) -> History:
    """The history of a scripted run."""
    workload = {"arrivals": {"script": list(items)}, "operations": [], "ports": {"initial": initial}}
    found = run(tiny(workload=workload, **changes), strategy=strategy, seed=seed, history=True).history
    assert found is not None
    return found


def rows(history: History, table: str, *columns: str) -> list[tuple[Any, ...]]:
    """Some columns of a table, codes as words; a single state is shown by `shown`."""
    held: Table = getattr(history.tables, table)
    names = [column.name for column in held.columns]
    return [
        tuple(_word(history, held, name, row[names.index(name)]) for name in columns) for row in map(tuple, held.rows())
    ]


def _word(history: History, table: Table, column: str, value: int) -> Any:
    if column in ("state", "previous"):
        return shown(history, value)
    codes = next(each.codes for each in table.columns if each.name == column)
    word = value if codes is None else codes.name(value)
    return int(word[24:], 16) if column == "port" and word is not None else word


def shown(history: History, number: int) -> str:
    """A state as 'h1 unbound r0', or 'gone'."""
    if number < 0:
        return "gone"
    words = history.tables.words
    state = list(history.tables.states.rows())[number]
    return f"{words.hosts.name(state[7]) or '-'} {words.vif_types.name(state[10])} r{state[6]}"


def contents(history: History) -> dict[str, bytes]:
    """Every table's rows as bytes."""
    return {table.name: table.to_numpy().tobytes() for table in history.tables.all()}
