"""Random writers on random nodes: no increment that was committed is lost, and all nodes end with the same rows."""

from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from core import statements as sql
from core.exceptions import DatabaseConflict
from sim.kernel import Kernel
from tests.sim.database.galera.clusters import ClusterWorld
from tests.sim.database.scripted import PORTS, Client, Script


class Writer(NamedTuple):
    """A client that counts up some ports, reading each for update, with pauses in milliseconds."""

    node: int
    after: float
    ports: tuple[str, ...]
    pause: float
    tries: int


MOMENTS = st.integers(0, 12).map(lambda tenths: tenths / 2)
WRITERS = st.builds(
    Writer,
    node=st.integers(0, 2),
    after=MOMENTS,
    ports=st.lists(st.sampled_from(PORTS[:3]), min_size=1, max_size=2, unique=True).map(tuple),
    pause=MOMENTS,
    tries=st.integers(1, 3),
)


def counts_up(writer: Writer, committed: dict[str, int]) -> Script:
    """A transaction like the core's, repeated after a conflict."""

    def script(client: Client) -> None:
        for _ in range(writer.tries):
            try:
                _once(client)
            except DatabaseConflict:
                client.connection.rollback()
                client.pause(1)
            else:
                for port in writer.ports:
                    committed[port] += 1
                return

    def _once(client: Client) -> None:
        for port in writer.ports:
            rows = client.connection.execute(sql.PORT_LOCK, {"port_id": port}).rows
            values = dict(zip(NAMES, rows[0], strict=False))
            count = int(values["name"]) + 1 if values["name"] != "old" else 1
            client.pause(writer.pause)
            written = {**{name: values[name] for name in WRITTEN}, "name": str(count), "port_id": port}
            client.connection.execute(sql.PORT_UPDATE, written)
        client.connection.commit()

    return script


NAMES = (
    "id", "network_id", "name", "mac_address", "admin_state_up", "status", "device_id", "device_owner",
    "revision_number",
)  # fmt: skip
WRITTEN = ("admin_state_up", "status", "device_id", "device_owner", "revision_number")


@settings(max_examples=150, derandomize=True, deadline=None)
@given(
    writers=st.lists(WRITERS, min_size=2, max_size=6),
    replication_ms=st.sampled_from((0, 0.5, 2)),
    apply_ms=st.sampled_from((0, 0.5, 3, 9)),
    limit=st.sampled_from((1, 16)),
)
def test_no_committed_increment_is_lost(
    writers: list[Writer], replication_ms: float, apply_ms: float, limit: int
) -> None:
    with Kernel() as kernel:
        world = ClusterWorld(kernel, replication_ms=replication_ms, apply_ms=apply_ms, flow_control_limit=limit)
        committed = dict.fromkeys(PORTS, 0)
        for number, writer in enumerate(writers):
            world.on(writer.node, f"W{number}", counts_up(writer, committed), after=writer.after)
        world.lines()
        names = dict(zip(PORTS, world.agreed().split(), strict=True))
        world.cluster.close()
    assert names == {port: str(count) if count else "old" for port, count in committed.items()}
