"""JournalDriver: changes are written to a journal in the port's own transaction and delivered later, in order.

One worker a controller, run through Runtime.spawn, delivers rows in order of port and revision number. A row is deleted
only after its delivery was acknowledged, so each change is delivered at least once. It never binds.
"""

import json
import logging
from typing import Any, NamedTuple, Protocol

from core import statements
from core.context import PortContext
from core.database import Database, Transaction
from core.driver_api import MechanismDriver
from core.exceptions import CoreError, InvalidInput
from core.records import PortDict
from core.runtime import Runtime

LOG = logging.getLogger(__name__)

JOURNAL_SYNC_S = 10.0  # seconds between two looks at the journal; networking-odl, sync_timeout
DELIVERY_TRIES = 5  # tries a row in one look; networking-odl, retry_count


class JournalRow(NamedTuple):
    """A change that a controller has not acknowledged: 'create', 'update' or 'delete' of a port."""

    port_id: str
    revision_number: int
    operation: str
    payload: str

    @property
    def port(self) -> PortDict:
        """The port as it was committed (before the deletion, for 'delete')."""
        port: PortDict = json.loads(self.payload)
        return port


class Controller(Protocol):
    """Where a journal is delivered to."""

    def deliver(self, row: JournalRow) -> None:
        """Tells the controller of one change; returning acknowledges it, any exception means to try again."""


class JournalDriver(MechanismDriver):
    """Keeps the journal of one controller; `initialize` starts its worker.

    `sync_s` is the pause between two looks at the journal in seconds, `tries` how often a row is tried in one look
    before the worker goes on with the next port.
    """

    def __init__(
        self,
        controller: Controller,
        *,
        database: Database,
        runtime: Runtime,
        name: str = "journal",
        sync_s: float = JOURNAL_SYNC_S,
        tries: int = DELIVERY_TRIES,
    ) -> None:
        if sync_s <= 0 or tries < 1:
            raise InvalidInput("sync_s, tries", (sync_s, tries), "a positive number of seconds, at least one try")
        self.name = name
        self._controller = controller
        self._database = database
        self._runtime = runtime
        self._sync_s = sync_s
        self._tries = tries

    def initialize(self) -> None:
        """Starts the worker."""
        self._runtime.spawn(self._work, name=f"journal {self.name}")

    def create_port_precommit(self, context: PortContext) -> None:
        """Writes a row."""
        self._write("create", context)

    def update_port_precommit(self, context: PortContext) -> None:
        """Writes a row."""
        self._write("update", context)

    def delete_port_precommit(self, context: PortContext) -> None:
        """Writes a row whose revision number follows the port's last."""
        self._write("delete", context)

    def deliver_pending(self) -> int:
        """Goes through the journal once; the number of rows that remain undelivered."""
        undelivered, after = 0, ("", -1)
        stuck_port = ""
        while page := self._page(*after):
            for row in page:
                if row.port_id == stuck_port or not self._deliver(row):
                    stuck_port, undelivered = row.port_id, undelivered + 1
            after = page[-1][:2]
        return undelivered

    def _work(self) -> None:
        while True:
            try:
                self.deliver_pending()
            except CoreError as error:
                LOG.error("the journal of %s could not be read: %s", self.name, error)
            self._runtime.sleep(self._sync_s)

    def _write(self, operation: str, context: PortContext) -> None:
        if context.transaction is None:
            raise InvalidInput("context.transaction", None, "an open transaction in a precommit")
        context.transaction.write(
            statements.JOURNAL_INSERT,
            controller=self.name,
            port_id=context.port.id,
            revision_number=context.port.revision_number + (operation == "delete"),
            operation=operation,
            payload=_payload(context.current),
            created_at=self._runtime.now(),
        )

    def _page(self, after_port_id: str, after_revision_number: int) -> list[JournalRow]:
        def read(transaction: Transaction) -> list[JournalRow]:
            rows = transaction.rows(
                statements.JOURNAL_PENDING,
                controller=self.name,
                after_port_id=after_port_id,
                after_revision_number=after_revision_number,
            )
            return [JournalRow(*row) for row in rows]

        return self._database.transact("read_journal", read)

    def _deliver(self, row: JournalRow) -> bool:
        for _ in range(self._tries):
            try:
                self._controller.deliver(row)
            except Exception as error:
                LOG.warning("%s of port %s was not delivered to %s: %s", row.operation, row.port_id, self.name, error)
            else:
                self._forget(row)
                return True
        return False

    def _forget(self, row: JournalRow) -> None:
        self._database.transact(
            "delete_journal_row",
            lambda transaction: transaction.write(
                statements.JOURNAL_DELETE,
                controller=self.name,
                port_id=row.port_id,
                revision_number=row.revision_number,
            ),
        )


def _payload(port: dict[str, Any]) -> str:
    return json.dumps(port, sort_keys=True, separators=(",", ":"))
