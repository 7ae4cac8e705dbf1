"""The journal of a controller."""

from sqlalchemy import and_, bindparam, delete, literal_column, or_, select

from core import schema
from core.statements.statement import Statement, exclusive, insertion

JOURNAL_INSERT = insertion(
    "journal.insert",
    schema.ml2_journal,
    exclusive("ml2_journal", "controller", "port_id", "revision_number"),
)

JOURNAL_PENDING = Statement(
    "journal.pending",
    "read",
    select(
        schema.ml2_journal.c.port_id,
        schema.ml2_journal.c.revision_number,
        schema.ml2_journal.c.operation,
        schema.ml2_journal.c.payload,
    )
    .where(
        schema.ml2_journal.c.controller == bindparam("controller"),
        or_(
            schema.ml2_journal.c.port_id > bindparam("after_port_id"),
            and_(
                schema.ml2_journal.c.port_id == bindparam("after_port_id"),
                schema.ml2_journal.c.revision_number > bindparam("after_revision_number"),
            ),
        ),
    )
    .order_by(schema.ml2_journal.c.port_id, schema.ml2_journal.c.revision_number)
    .limit(literal_column("64"))
    .offset(literal_column("0")),
)

JOURNAL_DELETE = Statement(
    "journal.delete",
    "write",
    delete(schema.ml2_journal).where(
        schema.ml2_journal.c.controller == bindparam("controller"),
        schema.ml2_journal.c.port_id == bindparam("port_id"),
        schema.ml2_journal.c.revision_number == bindparam("revision_number"),
    ),
    locks=(exclusive("ml2_journal", "controller", "port_id", "revision_number"),),
)
