"""The policies that a binding strategy is composed of: one question a file, whose answers are the members of an enum.

The members' values are the words of scenario files. What each costs in promises stands in core.binding.promises.
"""

from core.binding.policies.activation import Activation
from core.binding.policies.attempted_when import AttemptedWhen
from core.binding.policies.binding_row import BindingRow
from core.binding.policies.concurrency_check import ConcurrencyCheck
from core.binding.policies.conflict_repeats import ConflictRepeats
from core.binding.policies.delete_order import DeleteOrder
from core.binding.policies.failed_round import FailedRound
from core.binding.policies.input_change import InputChange
from core.binding.policies.port_access import Columns, PortAccess
from core.binding.policies.process_lock import ProcessLock
from core.binding.policies.reads_bind import ReadsBind
from core.binding.policies.revived_agent import RevivedAgent
from core.binding.policies.update_postcommit_error import UpdatePostcommitError
from core.binding.policies.where import Where

__all__ = [
    "Activation",
    "AttemptedWhen",
    "BindingRow",
    "Columns",
    "ConcurrencyCheck",
    "ConflictRepeats",
    "DeleteOrder",
    "FailedRound",
    "InputChange",
    "PortAccess",
    "ProcessLock",
    "ReadsBind",
    "RevivedAgent",
    "UpdatePostcommitError",
    "Where",
]
