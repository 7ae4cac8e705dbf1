"""Lost bindings judged at rest, each provoked by a small situation, through the whole system."""

from dataclasses import replace
from typing import Any

import pytest

from sim.model.commits import committed_ports
from sim.model.drivers import IdealBinding
from sim.model.lost import AtRest
from sim.scenario import Strategy
from tests.sim.model.tiny import Script, controller, deletes, moves, reads, scripted, tiny


def at_rest(script: Script) -> AtRest:
    system = script.system
    return AtRest(
        ports=committed_ports(system.server),
        controllers=system.controllers,
        ideal=IdealBinding(system.scenario, system.controllers),
        world=system.world,
    )


def with_ports(initial: int = 1, bound: bool = True, **changes: Any) -> Any:
    return tiny(workload={"ports": {"initial": initial, "bound": bound}}, **changes)


def test_an_ordinary_life_loses_nothing() -> None:
    with scripted(with_ports()) as script:
        script.at(0, "move", moves(script, 0, "host-1"))
        script.at(5000, "read", reads(script, 0))
        script.run()
        rest = at_rest(script)
        assert (rest.missing(), rest.orphaned(), rest.unbacked()) == ([], 0, 0)
        assert script.system.notices.diverged(rest.ports) == 0
        assert script.system.tracker.overwritten == 0


def test_a_port_whose_bind_failed_is_missing_until_it_is_read() -> None:
    window = [{"from_s": 0, "to_s": 2, "error_probability": 1.0}]
    with scripted(with_ports(controllers=controller(degraded=window))) as script:
        script.at(0, "move", moves(script, 0, "host-1"))
        script.run(until_s=4)
        assert len(at_rest(script).missing()) == 1
        script.at(0, "read", reads(script, 0))
        script.run()
        assert at_rest(script).missing() == []


def test_a_port_that_nobody_can_bind_is_not_missing() -> None:
    hosts = {"first": 0, "count": 1}
    with scripted(with_ports(controllers=controller(hosts=hosts))) as script:
        script.at(0, "move", moves(script, 0, "host-3"))
        script.run()
        assert at_rest(script).missing() == []


def test_a_reservation_whose_result_was_discarded_is_an_orphan_and_a_second_owner() -> None:
    with scripted(with_ports()) as script:
        script.at(0, "first", moves(script, 0, "host-1"))
        script.at(500, "second", moves(script, 0, "host-2"))  # case 4c for the first
        script.run()
        rest = at_rest(script)
        assert rest.orphaned() == 2  # the first's host-1, and the later of the two that bound host-2
        assert rest.unbacked() == 0
        script.system.ownership.close(script.system.kernel.now_us)
        assert len(script.system.ownership.double_us) == 1


def test_a_deletion_drops_what_was_reserved_before_it_and_not_after() -> None:
    with scripted(with_ports(bound=False)) as script:
        script.at(0, "read", reads(script, 0))
        script.at(500, "delete", deletes(script, 0))
        script.run()
        assert at_rest(script).orphaned() == 1  # the bind ends after the drop


def test_ordered_by_revision_the_late_reservation_is_refused() -> None:
    with scripted(with_ports(bound=False, controllers=controller(ordering="revision"))) as script:
        script.at(0, "read", reads(script, 0))
        script.at(500, "delete", deletes(script, 0))
        script.run()
        assert at_rest(script).orphaned() == 0


def two_moves_whose_drops_cross(script: Script) -> None:
    """The first move's drop takes from 0 s to 5 s, the second's from 1 s to 1.1 s."""
    script.at(0, "first", moves(script, 0, "host-1"))
    script.at(1000, "second", moves(script, 0, "host-2"))
    assert script.run() == ["second done at 1100", "first done at 5000"]


def crossing(ordering: str) -> Any:
    slow = [{"from_s": 0, "to_s": 0.5, "latency_factor": 50}]
    controllers = controller(latency={"bind": 0, "drop": 0.1}, degraded=slow, ordering=ordering)
    return with_ports(controllers=controllers)


def test_a_drop_that_arrives_late_leaves_the_new_binding_unbacked() -> None:
    with scripted(crossing("last_write"), "in-transaction") as script:
        two_moves_whose_drops_cross(script)
        assert at_rest(script).unbacked() == 1


def test_ordered_by_revision_a_late_drop_does_no_harm() -> None:
    with scripted(crossing("revision"), "in-transaction") as script:
        two_moves_whose_drops_cross(script)
        assert at_rest(script).unbacked() == 0


def test_a_driver_that_heard_of_changes_in_the_wrong_order_diverges() -> None:
    with scripted(crossing("last_write"), "in-transaction") as script:
        two_moves_whose_drops_cross(script)
        assert _diverged(script) == 1


def _diverged(script: Script) -> int:
    return script.system.notices.diverged(at_rest(script).ports)


def test_two_drivers_of_one_controller_share_its_entries() -> None:
    drivers = [
        {"name": "first", "kind": "controller", "controller": "sdn"},
        {"name": "second", "kind": "controller", "controller": "sdn"},
    ]
    with scripted(with_ports(drivers=drivers)) as script:
        system = script.system
        rest = replace(at_rest(script), controllers={d["name"]: system.controllers["sdn"] for d in drivers})
        assert (rest.orphaned(), rest.unbacked()) == (0, 0)


def test_a_driver_that_was_never_told_diverges() -> None:
    drivers = [
        {"name": "agent", "kind": "agent", "error_probability": {"update_port_postcommit": 1.0}},
        {"name": "log", "kind": "logger"},
    ]
    with scripted(with_ports(drivers=drivers, controllers=[]), "in-transaction") as script:
        script.at(0, "move", moves(script, 0, "host-1"))
        script.run()
        assert _diverged(script) == 1  # the agent driver; the logger was told


def test_a_commit_that_nobody_is_told_of_is_overwritten(monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted bug: the unbinding update forgets its postcommit."""
    with scripted(with_ports()) as script:
        manager = script.plugin._manager
        monkeypatch.setattr(manager, "update_port_postcommit", lambda context: None)
        script.at(0, "move", moves(script, 0, "host-1"))
        script.run()
        assert script.system.tracker.overwritten == 1


def test_a_commit_that_compares_nothing_is_stale() -> None:
    blind = Strategy(name="blind", base="deferred", concurrency_check="none")
    with scripted(with_ports(bound=False), blind) as script:
        script.at(0, "read", reads(script, 0))
        script.at(500, "move", moves(script, 0, "host-2"))
        script.run()
        assert script.system.tracker.stale == {"at_commit": 1, "mixed": 0, "aba": 0}


def test_the_comparison_of_values_lets_aba_pass_and_the_generation_does_not() -> None:
    counts = {}
    for check in ("values", "generation"):
        variant = Strategy(name=check, base="deferred", concurrency_check=check)
        with scripted(with_ports(bound=False), variant) as script:
            script.at(0, "read", reads(script, 0))
            # Both moves happen while the first reader's bind of host-0 is under way; their own binds come later.
            script.at(300, "there", moves(script, 0, "host-1"))
            script.at(600, "back", moves(script, 0, "host-0"))
            script.run()
            counts[check] = script.system.tracker.stale["aba"]
    assert counts == {"values": 1, "generation": 0}


def test_the_ideal_drivers_are_those_of_the_scenario() -> None:
    with scripted(with_ports(drivers=[{"name": "ovs", "kind": "agent"}], controllers=[])) as script:
        (port,) = committed_ports(script.system.server).values()
        found = IdealBinding(script.system.scenario, {}).bind(port, script.system.world.networks[0])
        assert found is not None
        assert found[1] == "ovs"
