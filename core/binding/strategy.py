"""BindingStrategy: the policies by which a plugin binds ports, in one frozen record."""

from dataclasses import dataclass

from core.binding.policies import (
    Activation,
    AttemptedWhen,
    BindingRow,
    Columns,
    ConcurrencyCheck,
    ConflictRepeats,
    DeleteOrder,
    FailedRound,
    InputChange,
    PortAccess,
    ProcessLock,
    ReadsBind,
    RevivedAgent,
    UpdatePostcommitError,
    Where,
)
from core.constants import LEASE_POLL_S, LEASE_S, MAX_BINDING_ATTEMPTS


@dataclass(frozen=True, kw_only=True)
class BindingStrategy:
    """A composition of policies; the defaults are those of `deferred`.

    What each may be stands with its type, in core.binding.policies. Where bind_port runs `inside`, there is no second
    transaction, and what is said of it has an effect on live migrations only; `lease_s` and `lease_poll_s` have one
    under_lease only.
    `promises_of` (core.binding.promises) says what a composition promises.
    """

    name: str
    where: Where = Where.AFTER_COMMIT
    first_read: PortAccess = PortAccess.FOR_UPDATE
    """How the transactions that update and delete a port read it."""
    second_read: PortAccess = PortAccess.FOR_UPDATE
    """How the transaction that commits a binding reads the port."""
    updated_columns: Columns = Columns.ALL
    concurrency_check: ConcurrencyCheck = ConcurrencyCheck.GENERATION
    input_change: InputChange = InputChange.DIFFERS
    attempted_when: AttemptedWhen = AttemptedWhen.NOT_BOUND
    update_resets_failed: bool = True
    """Whether any update of a port whose binding has failed makes it 'unbound' (3b), as drivers and readers see it."""
    unbinding_sets_down: bool = True
    """Whether the port's status becomes DOWN when its binding is removed."""
    binding_raises_revision: bool = True
    """Whether the commit of a binding raises the port's revision number."""
    failed_round: FailedRound = FailedRound.COMMIT
    max_attempts: int = MAX_BINDING_ATTEMPTS
    """Attempts in one operation before giving up; see shared_limit."""
    shared_limit: bool = False
    """Whether failed rounds and refused commits are counted together against max_attempts."""
    loser_notifies: bool = True
    """Whether an update whose result another's binding has made void still notifies the agent (core.notifications)."""
    reads_bind: ReadsBind = ReadsBind.API
    revived_agent: RevivedAgent = RevivedAgent.IGNORED
    process_lock: ProcessLock = ProcessLock.NONE
    conflict_repeats: ConflictRepeats = ConflictRepeats.TRANSACTION
    update_postcommit_error: UpdatePostcommitError = UpdatePostcommitError.RAISE
    unbinds_driver: bool = False
    """Whether the bound driver's unbind_port is called in the transaction that removes its binding (3d, 5)."""
    validates_binding: bool = False
    """Whether an update that leaves the inputs asks the bound driver's validate_bound_port, and unbinds on a no."""
    delete_order: DeleteOrder = DeleteOrder.FORWARD
    activation: Activation = Activation.REREADS
    """How an inactive binding becomes the active one."""
    binding_row: BindingRow = BindingRow.WITH_PORT
    """Who inserts a port's binding row."""
    lease_s: float = LEASE_S
    """How long a lease lasts, s."""
    lease_poll_s: float = LEASE_POLL_S
    """The mean pause between two tries to take a lease, s."""

    @property
    def inside(self) -> bool:
        """Whether drivers bind in the transaction."""
        return self.where is Where.INSIDE

    @property
    def locks_by_writing(self) -> bool:
        """Whether only the UPDATE keeps others out while drivers bind in the transaction: it comes before they do."""
        return self.inside and self.first_read is not PortAccess.FOR_UPDATE
