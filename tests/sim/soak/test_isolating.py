"""The operations on one port alone: which they are, how far apart, and that something is always left out."""

from sim.soak import draw_case
from sim.soak.isolating import isolated
from tests.sim.soak.small_cases import create, move, read, small_case

TWO_PORTS = small_case(
    create(0.5),
    {"at_s": 1.0, "operation": "update_port", "port_of": 0, "change": "name", "value": "x"},
    read(2.0),
    {"at_s": 3.0, "operation": "get_ports", "filter": "none"},
    initial=1,
)


def script(data: dict[str, object]) -> list[tuple[int, float]]:
    """Number and instant of each operation."""
    items = data["workload"]["arrivals"]["script"]  # type: ignore[index]
    return [(item["number"], item["at_s"]) for item in items]


def test_the_operations_on_each_port_come_alone_as_they_were_and_then_at_other_distances() -> None:
    offered = [script(data) for data in isolated(TWO_PORTS.data)]
    apart = [[(0, 0.0), (1, gap_s)] for gap_s in (0.0, 0.1, 0.3, 1.0)]
    assert offered == [[(0, 0.5), (1, 1.0)], *apart, *apart, [(2, 2.0)], *[[(2, 0.0)]] * 8]


def test_the_last_distances_come_with_a_slow_bind_port() -> None:
    binds = [data["controllers"][0]["latency"]["bind"] for data in isolated(TWO_PORTS.data)]
    assert binds == 2 * [0.5, 0.5, 0.5, 0.5, 0.5, 1.0, 1.0, 1.0, 1.0]
    assert TWO_PORTS.data["controllers"][0]["latency"]["bind"] == 0.5


def test_nothing_is_offered_where_all_operations_are_on_one_port() -> None:
    assert list(isolated(small_case(read(0.0), move(1.0), initial=1).data)) == []


def test_every_candidate_of_drawn_cases_has_fewer_operations_and_is_valid() -> None:
    for number in range(10):
        case = draw_case(1, number)
        for data in isolated(case.data):
            assert len(script(data)) < len(script(case.data))
            case.with_data(data).scenario()
