"""What a transaction leaves of ports, as it is known from the statements that the server has acknowledged.

A port that was locked or inserted is as it was then, with what the core has set since. One that was written without
having been locked may have been changed by others since it was read, and an update may set some columns only: such a
port has to be read back before COMMIT. Then nobody can change it any more, because every transaction that writes a port
writes its row in `ports` first, for the revision number.
"""

from collections.abc import Callable
from typing import Any, Final

from core import statements
from core.database import Params, Result
from core.statements import Statement

_PORT = ("id", "name", "admin_state_up", "status", "device_id", "device_owner", "revision_number")
_BINDING = (
    "host", "vnic_type", "profile", "vif_type", "vif_details", "driver", "segment_id", "upper_levels",
    "binding_generation",
)  # fmt: skip
_SHOWN = (0, 2, 4, 5, 6, 7, 8)  # places of _PORT in a row of the core's port statements
_WIDTH = statements.PORT_WIDTH + statements.BINDING_WIDTH
_REVISION = 8  # its place in such a row

Values = tuple[Any, ...]


class Images:
    """What a transaction has read and written of ports: `seen` committed revisions, and what it leaves of each.

    `unread` are the ports that have to be read back before what they are left as is known.
    """

    __slots__ = ("_bindings", "_ports", "_written", "seen", "unread")

    def __init__(self) -> None:
        self._ports: dict[str, Values] = {}
        self._bindings: dict[str, Values] = {}
        self._written: dict[str, bool] = {}  # whether the port is still there
        self.seen: dict[str, int] = {}
        self.unread: set[str] = set()

    def look(self, statement: Statement, params: Params, result: Result) -> None:
        """Notes what a statement of the core has done to ports; several of one name set different columns."""
        looked = _LOOKS.get(statement.name)
        if looked is not None:
            looked(self, params, result)

    def read_back(self, row: Values) -> None:
        """A port is as in this row, and stays so until the transaction ends or changes it."""
        port_id = row[0]
        self._ports[port_id] = tuple([row[place] for place in _SHOWN])
        self._bindings[port_id] = tuple(row[statements.PORT_WIDTH : _WIDTH])
        self.unread.discard(port_id)

    def left(self) -> list[tuple[str, Values | None]]:
        """Each port that was written, with its values as a history has them; None: deleted."""
        return [(port_id, self._flat(port_id) if there else None) for port_id, there in self._written.items()]

    def _flat(self, port_id: str) -> Values:
        return (*self._ports[port_id], *self._bindings[port_id])

    def _locked(self, params: Params, result: Result) -> None:
        self._seen(params, result)
        for row in result.rows:
            self.read_back(row)

    def _seen(self, params: Params, result: Result) -> None:
        for row in result.rows:
            if row[0] not in self._written:  # else it is not what somebody has committed
                self.seen[row[0]] = row[_REVISION]

    def _inserted_port(self, params: Params, result: Result) -> None:
        self._ports[params["id"]] = tuple([params[name] for name in _PORT])
        self._written[params["id"]] = True

    def _inserted_binding(self, params: Params, result: Result) -> None:
        self._bindings[params["port_id"]] = tuple([params[name] for name in _BINDING])

    def _updated_port(self, params: Params, result: Result) -> None:
        if result.rowcount:
            self._updated(params["port_id"], self._ports, _PORT, params)

    def _updated_binding(self, params: Params, result: Result) -> None:
        if result.rowcount:
            self._updated(params["binding_port_id"], self._bindings, _BINDING, params)

    def _updated(self, port_id: str, known: dict[str, Values], columns: Values, params: Params) -> None:
        self._written[port_id] = True
        before = known.get(port_id)
        if before is None:
            self.unread.add(port_id)
        else:
            known[port_id] = tuple([params.get(name, old) for name, old in zip(columns, before, strict=True)])

    def _deleted(self, params: Params, result: Result) -> None:
        if result.rowcount:
            self._written[params["port_id"]] = False
            self.unread.discard(params["port_id"])


_LOOKS: Final[dict[str, Callable[[Images, Params, Result], None]]] = {
    statements.PORT_LOCK.name: Images._locked,
    statements.PORT_READ.name: Images._seen,
    statements.PORT_INSERT.name: Images._inserted_port,
    statements.BINDING_INSERT.name: Images._inserted_binding,
    statements.PORT_UPDATE.name: Images._updated_port,
    statements.BINDING_UPDATE.name: Images._updated_binding,
    statements.PORT_DELETE.name: Images._deleted,
}
