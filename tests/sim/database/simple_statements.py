"""The core's statements written out by hand for the simple model, each beside the real one with its parameters."""

from collections.abc import Callable, Generator
from typing import Any, NamedTuple

from core import statements as sql
from core.statements import Statement
from tests.sim.database.scripted import binding_values, port_values
from tests.sim.database.simple_model import Failed, RowKey, Steps, Unmatched, View


class Act(NamedTuple):
    """One statement: how the simple model does it, and what is given to the modelled database."""

    label: str
    steps: Callable[[View], Steps]
    statement: Statement
    params: dict[str, Any]


def inserted(key: RowKey, is_there: Callable[[], bool]) -> Generator[tuple[str, RowKey], None, bool]:
    """Shares the key until it is known to be free; whether it was."""
    yield "S", key
    if is_there():
        return False
    yield "X", key
    return True


def create_port(port: str, mac: str) -> Act:
    def steps(view: View) -> Steps:
        if not (yield from inserted(("ports", port), lambda: view.get("ports", port) is not None)):
            return Failed("DuplicateKey")
        yield "S", ("networks", "net")

        def is_taken() -> bool:
            return mac in [row["mac"] for row in view.all("ports").values()]

        if not (yield from inserted(("ports.mac", mac), is_taken)):
            return Failed("DuplicateKey", ("ports", port))
        view.put("ports", port, {"name": "", "mac": mac})
        return view.changed(1)

    return Act(f"create {port} {mac}", steps, sql.PORT_INSERT, port_values(port, mac_address=mac))


def insert_binding(port: str, host: str) -> Act:
    def steps(view: View) -> Steps:
        yield "S", ("ports", port)
        if not (yield from inserted(("bindings", port), lambda: view.get("bindings", port) is not None)):
            return Failed("DuplicateKey")
        yield "S", ("segments", "seg")
        if view.get("ports", port) is None:
            return Failed("MissingParent", ("bindings", port), ("ports", port))
        view.put("bindings", port, {"host": host})
        return view.changed(1)

    return Act(f"bind {port} {host}", steps, sql.BINDING_INSERT, binding_values(port, host=host))


def update_binding(port: str, host: str) -> Act:
    def steps(view: View) -> Steps:
        yield "X", ("bindings", port)
        yield "S", ("segments", "seg")
        if view.get("bindings", port) is None:
            return Unmatched()
        view.put("bindings", port, {"host": host})
        return view.changed(1)

    values = binding_values(port, host=host)
    return Act(f"rebind {port} {host}", steps, sql.BINDING_UPDATE, {**values, "binding_port_id": values.pop("port_id")})


def insert_segment() -> Act:
    """Fails and keeps a shared lock of the segment."""

    def steps(view: View) -> Steps:
        yield "S", ("segments", "seg")
        return Failed("DuplicateKey")

    values = {"network_type": "flat", "physical_network": None, "segmentation_id": None, "segment_index": 1}
    return Act("segment", steps, sql.SEGMENT_INSERT, {"id": "seg", "network_id": "net", **values})


def insert_address(port: str, offset: int) -> Act:
    def steps(view: View) -> Steps:
        yield "S", ("subnets", "sub")
        if not (yield from inserted(("addresses", offset), lambda: view.get("addresses", offset) is not None)):
            return Failed("DuplicateKey")
        yield "S", ("ports", port)
        yield "S", ("addresses.port", port)
        if view.get("ports", port) is None:
            return Failed("MissingParent", ("addresses", offset), ("ports", port), ("addresses.port", port))
        view.put("addresses", offset, {"port": port})
        return view.changed(1)

    params = {"subnet_id": "sub", "ip_offset": offset, "ip_address": f"10.0.0.{offset}", "port_id": port}
    return Act(f"address {port} {offset}", steps, sql.IP_INSERT, params)


def lock_port(port: str) -> Act:
    def steps(view: View) -> Steps:
        yield "X", ("ports", port)
        yield "X", ("bindings", port)
        row, binding = view.get("ports", port), view.get("bindings", port)
        if row is None or binding is None:
            kept = [(table, port) for table in ("ports", "bindings") if view.get(table, port) is not None]
            return Unmatched(*kept)
        return [(port, row["name"], binding["host"])]

    return Act(f"lock {port}", steps, sql.PORT_LOCK, {"port_id": port})


def rename_port(port: str, name: str) -> Act:
    def steps(view: View) -> Steps:
        yield "X", ("ports", port)
        row = view.get("ports", port)
        if row is None:
            return Unmatched()
        view.put("ports", port, {**row, "name": name})
        return view.changed(1)

    return Act(f"rename {port} {name}", steps, sql.PORT_UPDATE, {**port_values(port, name=name), "port_id": port})


def delete_port(port: str) -> Act:
    def steps(view: View) -> Steps:
        yield "X", ("ports", port)
        yield "X", ("bindings", port)
        yield "X", ("addresses.port", port)
        row = view.get("ports", port)
        offsets = [offset for offset, address in view.all("addresses").items() if address["port"] == port]
        if row is None:
            return Unmatched()
        for offset in offsets:
            yield "X", ("addresses", offset)
        yield "X", ("ports.mac", row["mac"])
        for key in [("ports", port), ("bindings", port), *[("addresses", offset) for offset in offsets]]:
            view.put(*key, None)
        return view.changed(1)

    return Act(f"delete {port}", steps, sql.PORT_DELETE, {"port_id": port})


def joined(view: View, port: str) -> list[tuple[Any, ...]]:
    row, binding = view.get("ports", port), view.get("bindings", port)
    if row is None or binding is None:
        return []
    own = [f"10.0.0.{offset}" for offset, address in view.all("addresses").items() if address["port"] == port]
    return [(port, row["name"], binding["host"], address) for address in own or [None]]


def read_port(port: str) -> Act:
    def steps(view: View) -> Steps:
        yield from ()
        return joined(view, port)

    return Act(f"read {port}", steps, sql.PORT_READ, {"port_id": port})


def list_ports() -> Act:
    def steps(view: View) -> Steps:
        yield from ()
        return [line for port in view.all("ports") for line in joined(view, port)]

    return Act("list", steps, sql.port_list((("network_id", 1),)), {"network_id_0": "net"})


def insert_lease(port: str, owner: str) -> Act:
    def steps(view: View) -> Steps:
        if not (yield from inserted(("leases", port), lambda: view.get("leases", port) is not None)):
            return Failed("DuplicateKey")
        view.put("leases", port, {"owner": owner})
        return view.changed(1)

    params = {"port_id": port, "owner": owner, "expires_at": 1.0}
    return Act(f"lease {port} {owner}", steps, sql.LEASE_INSERT, params)


def take_over_lease(port: str, previous: str, owner: str) -> Act:
    def steps(view: View) -> Steps:
        yield "X", ("leases", port)
        if view.get("leases", port) != {"owner": previous}:
            return Unmatched()
        view.put("leases", port, {"owner": owner})
        return view.changed(1)

    params = {"lease_port_id": port, "previous_owner": previous, "owner": owner, "expires_at": 2.0}
    return Act(f"take over {port} {previous} {owner}", steps, sql.LEASE_TAKE_OVER, params)


def release_lease(port: str, owner: str) -> Act:
    def steps(view: View) -> Steps:
        yield "X", ("leases", port)
        if view.get("leases", port) != {"owner": owner}:
            return Unmatched()
        view.put("leases", port, None)
        return view.changed(1)

    return Act(f"release {port} {owner}", steps, sql.LEASE_RELEASE, {"port_id": port, "owner": owner})
