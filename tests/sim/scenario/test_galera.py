"""The nodes of a Galera cluster in a scenario: defaults, what belongs to it alone, and what it cannot have."""

import pytest

from sim.scenario import ScenarioError, load_scenario, resolved

ON = "database.profile=galera"


def problem(*overrides: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        load_scenario("hot_port", overrides)
    return str(caught.value)


def test_a_cluster_has_three_nodes_that_processes_go_round() -> None:
    database = load_scenario("hot_port", [ON]).database
    assert database.galera is not None
    assert database.galera.nodes == 3
    assert [database.galera.node_of(process) for process in range(5)] == [0, 1, 2, 0, 1]


def test_a_single_writer_is_node_0_for_all() -> None:
    galera = load_scenario("hot_port", [ON, "database.galera.single_writer=true"]).database.galera
    assert galera is not None
    assert [galera.node_of(process) for process in range(4)] == [0, 0, 0, 0]


def test_a_file_can_say_which_process_uses_which_node() -> None:
    galera = load_scenario("hot_port", [ON, "database.galera.processes_use=[2, 2, 0, 1]"]).database.galera
    assert galera is not None
    assert [galera.node_of(process) for process in range(4)] == [2, 2, 0, 1]


@pytest.mark.parametrize(
    ("overrides", "may"),
    [
        ([], True),
        (["database.galera.single_writer=true"], False),
        (["database.galera.sync_wait=true"], False),
        (["database.galera.processes_use=[1, 1, 1, 1]"], False),
        (["database.galera.processes_use=[1, 1, 1, 2]"], True),
    ],
)
def test_reads_may_be_stale_where_processes_use_several_nodes_that_do_not_wait(overrides: list[str], may: bool) -> None:
    galera = load_scenario("hot_port", [ON, *overrides]).database.galera
    assert galera is not None
    assert galera.may_read_stale(processes=4) is may


def test_its_resolved_form_says_everything_and_that_of_others_nothing() -> None:
    assert resolved(load_scenario("hot_port", [ON]))["database"]["galera"] == {
        "nodes": 3, "single_writer": False, "processes_use": None, "replication_s": 0.0005, "apply_s": 0.00017,
        "sync_wait": False, "flow_control_limit": 16,
    }  # fmt: skip
    assert "galera" not in resolved(load_scenario("hot_port"))["database"]


def test_its_keys_are_refused_with_another_profile() -> None:
    told = problem("database.galera.nodes=3")
    assert "database.galera belongs to profile galera, but the profile is innodb; remove it" in told


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("nodes=1", "database.galera.nodes is 1: must be at least 2"),
        ("processes_use=[0, 1]", "holds 2 items: needs one for each of the 4 API processes (api.processes)"),
        ("processes_use=[0, 1, 2, 3]", "names node 3: no such node; allowed: 0 to 2 (database.galera.nodes)"),
        ("flow_control_limit=0", "database.galera.flow_control_limit is 0: must be at least 1"),
    ],
)
def test_values_that_cannot_be_are_refused(override: str, told: str) -> None:
    assert told in problem(ON, f"database.galera.{override}")


def test_one_says_once_who_uses_which() -> None:
    told = problem(ON, "database.galera.single_writer=true", "database.galera.processes_use=[0, 0, 0, 0]")
    assert "is given as well as single_writer, by which all processes use node 0; use one of them" in told


def test_the_death_of_the_server_is_refused() -> None:
    told = problem(ON, "faults=[{failover: {at_s: 5}}]")
    assert "has no meaning with profile galera, whose nodes do not die in this model" in told


def test_nodes_have_machines_of_their_own() -> None:
    told = problem(ON, "database.on_api_machine=true")
    assert "database.on_api_machine is given with profile galera, whose nodes are machines of their own" in told
