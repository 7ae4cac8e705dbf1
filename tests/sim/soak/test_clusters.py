"""The soak's cases on a Galera cluster: every promise that a cluster leaves is kept, and all nodes end alike."""

from random import Random

import pytest

from sim.database import Cluster
from sim.history import check
from sim.model.system import System
from sim.simulation import executed, history_of, many_runs
from sim.soak.case import Case
from sim.soak.drawing import draw_case

TABLES = ("ports", "ml2_port_bindings", "ip_allocations", "ip_allocation_pools", "ml2_journal", "port_binding_leases")
LONGEST_LAG_US = 60_000_000  # us; more than any queue of a case needs to be applied


def on_a_cluster(number: int) -> Case:
    """A drawn case with the database exchanged for a drawn cluster, and without the death of the server."""
    case, random = draw_case(1, number), Random(number)
    galera = {
        "nodes": random.choice((2, 3)),
        "replication_s": random.choice((0.0, 0.0005, 0.01, 0.1)),
        "apply_s": random.choice((0.0, 0.0002, 0.005, 0.1)),
        "flow_control_limit": random.choice((16, 1)),
        **random.choice(({}, {"single_writer": True}, {"sync_wait": True})),
    }
    database = {**case.data["database"], "profile": "galera", "galera": galera}
    faults = [fault for fault in case.data.get("faults", ()) if "failover" not in fault]
    return case.with_data({**case.data, "database": database, "faults": faults})


def rows_of_nodes(system: System) -> list[list[list[tuple[object, ...]]]]:
    """For each table its rows as all agree on them, then as each node has them."""
    server = system.server
    assert isinstance(server, Cluster)
    system.kernel.run(until_us=system.kernel.now_us + LONGEST_LAG_US)
    assert server.is_settled()
    queries = [f"SELECT * FROM {table} ORDER BY 1, 2, 3" for table in TABLES]
    return [[each.committed(query) for each in (server, *server.nodes)] for query in queries]


def play(number: int) -> list[str]:
    """The promises that a run has certainly broken."""
    case = on_a_cluster(number)
    scenario = case.scenario()
    with executed(scenario, scenario.strategies[0], seed=case.seed, history=True, levels=False) as (system, ending):
        history = history_of(system, ending, seed=case.seed, replication=0)
        assert history is not None
        if ending.quiescent:
            assert all(nodes == [agreed] * len(nodes) for agreed, *nodes in rows_of_nodes(system))
        verdicts = check(history).verdicts
        kept = (verdicts[name] for name in history.facts.promises)
        return [f"{number} {finding.cause}" for each in kept for finding in each.findings if finding.certain]


def test_promises_are_kept_and_nodes_end_alike_in_drawn_runs() -> None:
    with many_runs():
        assert [broken for number in range(60) for broken in play(number)] == []


@pytest.mark.slow
def test_promises_are_kept_and_nodes_end_alike_in_many_drawn_runs() -> None:
    with many_runs():
        assert [broken for number in range(60, 1060) for broken in play(number)] == []
