"""Random small runs of the soak, with faults, over a real engine: it never has to wait, and all is as over SQLite."""

from typing import Any

import pytest

from sim.database import StoreMaker
from sim.simulation import executed, history_of, many_runs
from sim.soak import Case, draw_case

pytestmark = pytest.mark.databases

SEED = 20261124
TABLES = ("ports", "ml2_port_bindings", "ip_allocations", "ip_allocation_pools", "port_binding_leases", "ml2_journal")


def with_profile(case: Case, profile: str) -> Case:
    return case.with_data({**case.data, "database": {**case.data["database"], "profile": profile}})


def cases(count: int, profile: str) -> list[Case]:
    """The first cases whose database is one server; a setting of clusters would be refused under another profile."""
    drawn = (draw_case(SEED, number) for number in range(2 * count))
    single = [case for case in drawn if case.data["database"]["profile"] != "galera"]
    return [with_profile(case, profile) for case in single[:count]]


def told(case: Case, storage: StoreMaker | None) -> list[Any]:
    """All that a run writes down, what was lost, and the rows in the end."""
    scenario = case.scenario()
    with executed(scenario, scenario.strategies[0], seed=case.seed, history=True, storage=storage) as (system, ending):
        history = history_of(system, ending, seed=case.seed, replication=0)
        assert history is not None
        tables = [table.to_numpy().tobytes() for table in (*system.tables.all(), *history.tables.all())]
        return [
            tables,
            ending.lost,
            [system.server.committed(f"SELECT * FROM {name} ORDER BY 1, 2") for name in TABLES],
        ]


def check_all(profile: str, storage: StoreMaker, *, count: int) -> None:
    with many_runs():
        for case in cases(count, profile):
            assert told(case, storage) == told(case, None), f"case {case}"


def test_postgresql_never_waits_under_its_own_profile(in_postgresql: StoreMaker) -> None:
    check_all("postgresql", in_postgresql, count=60)


def test_mariadb_never_waits_under_the_profile_of_innodb(in_mariadb: StoreMaker) -> None:
    check_all("innodb", in_mariadb, count=30)


def test_postgresql_never_waits_where_there_is_one_writer(in_postgresql: StoreMaker) -> None:
    check_all("sqlite", in_postgresql, count=15)
