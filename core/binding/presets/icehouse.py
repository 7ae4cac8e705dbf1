"""Neutron 2014.1 (Icehouse): binding inside the transaction, under the port's row lock.

What differs from `deferred`, and where it stands in Neutron's history:

| policy | here | deferred | source |
| --- | --- | --- | --- |
| where | inside | after_commit | before b1677dcb80 (bug 1276391) |
| updated_columns | changed | all | SQLAlchemy's unit of work |
| input_change | absent_profile_is_empty | differs | bug 1338202, mended by cbaa3fe07b in Juno |
| unbinding_sets_down | no | yes | before c5fa665de3 (bugs 1483601, 1443421, 1522824) |
| reads_bind | never | api | |
| process_lock | delete_and_status | none | 688e05d4b0 (bug 1283522) |
| conflict_repeats | nothing | transaction | no retry anywhere |
| binding_row | on_demand | with_port | before b1677dcb80 (bugs 1335226, 1269131) |

The port's row is locked (d9bcd597c6), which is what `deferred` does too. One without a binding row is locked on InnoDB
only, since the core's lock joins both rows: on PostgreSQL the second of two updates meets a duplicate key here.

Promises (core.binding.promises): answers, isolation.
"""

from core.binding.policies import BindingRow, Columns, ConflictRepeats, InputChange, ProcessLock, ReadsBind, Where
from core.binding.strategy import BindingStrategy

ICEHOUSE = BindingStrategy(
    name="icehouse",
    where=Where.INSIDE,
    updated_columns=Columns.CHANGED,
    input_change=InputChange.ABSENT_PROFILE_IS_EMPTY,
    unbinding_sets_down=False,
    reads_bind=ReadsBind.NEVER,
    process_lock=ProcessLock.DELETE_AND_STATUS,
    conflict_repeats=ConflictRepeats.NOTHING,
    binding_row=BindingRow.ON_DEMAND,
)
