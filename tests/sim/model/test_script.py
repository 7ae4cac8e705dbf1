"""Scripted operations: each is exactly what its item says, whatever else the script holds."""

from typing import Any

from sim.kernel import Draws
from sim.metrics import Tables
from sim.model.engine import Ending, Engine
from sim.model.system import System
from sim.scenario import builtin
from tests.sim.model.tiny import controller, tiny

BY_PORT = {"operation": "update_port", "port": 0}


def ran(*items: dict[str, Any], initial: int = 2, client: dict[str, Any] | None = None, bind_s: float = 0.01) -> System:
    """The system after a run of the script; its database and its tables can be looked at."""
    scenario = tiny(
        horizon={"duration_s": 10},
        workload={
            "arrivals": {"script": items},
            "operations": [],
            "ports": {"initial": initial},
            "client": client or {},
        },
        controllers=controller(latency={"bind": bind_s}),
    )
    system = System(scenario, builtin("deferred"), draws=Draws(1))
    ending: Ending = Engine(system).run()
    assert ending.quiescent
    system.kernel.close()
    return system


def rows(tables: Tables, *columns: str) -> list[tuple[int, ...]]:
    """The operations' rows by number."""
    found = zip(*(tables.operations.column(name).tolist() for name in ("operation", *columns)), strict=True)
    return sorted(found)


def binding(system: System, column: str, port: int) -> list[tuple[Any, ...]]:
    text = f"SELECT {column} FROM ml2_port_bindings WHERE port_id = ?"
    return system.server.committed(text, (system.world.port_id(port),))


def test_operations_come_at_their_instants_on_their_ports() -> None:
    system = ran(
        {"at_s": 2, "operation": "get_port", "port_of": 1},
        {"at_s": 1, "operation": "create_port", "host": 3, "tenant": 1},
        {"at_s": 3, "operation": "delete_port", "port": 0},
        {"at_s": 4, "operation": "get_ports", "filter": "host", "host": 3},
    )
    seconds = [(n, port, at // 1_000_000) for n, port, at in rows(system.tables, "port", "intended_us")]
    assert seconds == [(0, 3, 2), (1, 3, 1), (2, 0, 3), (3, -1, 4)]
    assert [tenant for n, tenant in rows(system.tables, "tenant") if n == 1] == [1]
    assert binding(system, "host", 3) == [("host-3",)]
    assert binding(system, "host", 0) == []


def test_a_there_and_back_again_of_each_input_can_be_written_down() -> None:
    def there_and_back(change: str, there: str, back: str) -> System:
        change_to = {"operation": "update_port", "port": 1, "change": change}
        return ran({"at_s": 1, **change_to, "value": there}, {"at_s": 2, **change_to, "value": back})

    for change, there, back in (("vnic_type", "direct", "normal"), ("profile", "a", "")):
        system = there_and_back(change, there, back)
        assert binding(system, f"{change}, binding_generation", 1) == [("normal" if change == "vnic_type" else "", 6)]
    hosts = ran(*({"at_s": at, "operation": "update_port", "port": 1, "host": host} for at, host in ((1, 3), (2, 1))))
    assert binding(hosts, "host, binding_generation", 1) == [("host-1", 6)]


def test_a_changed_profile_and_name_hold_the_given_value() -> None:
    system = ran(
        {"at_s": 1, **BY_PORT, "change": "profile", "value": "fast"},
        {"at_s": 2, **BY_PORT, "change": "name", "value": "x"},
    )
    assert binding(system, "profile", 0) == [('{"changed_to":"fast"}',)]
    assert system.server.committed("SELECT name FROM ports WHERE id = ?", (system.world.port_id(0),)) == [("x",)]


def test_removing_items_leaves_what_the_others_draw() -> None:
    items = [{"at_s": 0.5 * n, "number": n, "operation": "create_port"} for n in range(10)]
    whole = {n: rest for n, *rest in rows(ran(*items).tables, "tenant", "port", "started_us")}
    part = {n: rest for n, *rest in rows(ran(*items[3::4]).tables, "tenant", "port", "started_us")}
    assert part == {n: whole[n] for n in (3, 7)}
    assert binding(ran(*items), "host", 5) == binding(ran(items[3]), "host", 5)


def test_impatient_clients_repeat_under_numbers_that_no_item_has() -> None:
    items = [{"at_s": 0.1 * n, "operation": "create_port", "host": n} for n in range(3)]
    items.append({"at_s": 5, "operation": "get_port", "port_of": 2})
    client = {"timeout_s": 0.5, "on_timeout": "repeat", "retries": 2, "retry_pause_s": 0.1}
    tables = ran(*items, client=client, bind_s=0.8).tables
    assert rows(tables, "repeat_of", "repeat") == [
        (0, -1, 0), (1, 0, 1), (2, 0, 2), (3, -1, 0), (4, 3, 1), (5, 3, 2), (6, -1, 0), (7, 6, 1), (8, 6, 2),
        (9, -1, 0),
    ]  # fmt: skip
    assert rows(tables, "port")[-1] == (9, 2 + 6)


def test_impatient_clients_delete_the_port_of_a_scripted_create() -> None:
    create = {"at_s": 0, "operation": "create_port", "host": 0}
    system = ran(create, {**create, "number": 4}, client={"timeout_s": 0.5, "on_timeout": "delete"}, bind_s=2)
    kinds = [(n, system.tables.words.kinds.names[kind], port) for n, kind, port in rows(system.tables, "kind", "port")]
    assert kinds == [(0, "create_port", 2), (1, "delete_port", 2), (8, "create_port", 10), (9, "delete_port", 10)]
