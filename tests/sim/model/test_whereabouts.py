"""Where clients believe ports to be, from answers alone."""

import pytest

from sim.model.requests import Chain, Request
from sim.model.steps import Step
from sim.model.whereabouts import Whereabouts
from tests.sim.model.tiny import tiny


def known(initial: int = 6) -> Whereabouts:
    """Four hosts, so initial port 5 begins on host 1."""
    return Whereabouts(tiny(workload={"ports": {"initial": initial}}))


def request(kind: str, *, port: int = 5, host: int = 3, changes: str = "") -> Request:
    step = Step(kind, kind, 0, binds=True, changes=changes, filters="")
    return Request(step, Chain(0, 0, -1), operation=0, port=port, host=host, intended_us=0)


def test_an_initial_port_is_where_it_began_and_of_others_nothing_is_known() -> None:
    assert [known().of(port) for port in (0, 5, 6, -1)] == [0, 1, -1, -1]


def test_initial_ports_without_a_host_are_nowhere() -> None:
    ports = {"initial": 6, "bound": False, "with_host": False}
    assert Whereabouts(tiny(workload={"ports": ports})).of(5) == -1


@pytest.mark.parametrize(("kind", "changes"), [("create_port", ""), ("update_port", "host"), ("activate", "")])
def test_what_moves_a_port_is_known(kind: str, changes: str) -> None:
    where = known()
    where.done(request(kind, changes=changes))
    assert where.of(5) == 3


@pytest.mark.parametrize(("kind", "changes"), [("create_binding", ""), ("delete_binding", ""), ("update_port", "name")])
def test_what_moves_no_port_is_none_of_its_business(kind: str, changes: str) -> None:
    where = known()
    asked = request(kind, changes=changes)
    where.done(asked)
    assert where.of(5) == 1
    assert asked.inactive_host == 3


def test_an_activation_leaves_the_host_where_the_port_was() -> None:
    where, asked = known(), request("activate")
    where.done(asked)
    assert asked.inactive_host == 1
