"""Neutron 2014.2 (Juno): deferred binding as first shipped (b1677dcb80, July 2014).

What differs from `deferred`, and where it stands in Neutron's history:

| policy | here | deferred | source |
| --- | --- | --- | --- |
| updated_columns | changed | all | SQLAlchemy's unit of work |
| concurrency_check | values | generation | b1677dcb80 |
| attempted_when | unbound | not_bound | binding_failed is final (bug 1399249) |
| update_resets_failed | no | yes | the same |
| unbinding_sets_down | no | yes | before c5fa665de3 (bugs 1483601, 1443421, 1522824) |
| binding_raises_revision | no | yes | there was none; later it did not (bug 1699034, mended by 43eb75fd1d in 2017) |
| reads_bind | device_details | api | get_bound_port_context |
| process_lock | all | none | the semaphore 'db-access' around every locking transaction (688e05d4b0) |
| conflict_repeats | nothing | transaction | retry decorators came later (bugs 1464612, 1422504) |

Left out: that the second transaction compared the port with itself, because both states were one object of the same
session (told by reading only; gone with cf34df8572 and fc563eaabe). `concurrency_check: none` comes near to it.

Promises (core.binding.promises): durability, answers, isolation.
"""

from core.binding.policies import (
    AttemptedWhen,
    Columns,
    ConcurrencyCheck,
    ConflictRepeats,
    ProcessLock,
    ReadsBind,
)
from core.binding.strategy import BindingStrategy

JUNO = BindingStrategy(
    name="juno",
    updated_columns=Columns.CHANGED,
    concurrency_check=ConcurrencyCheck.VALUES,
    attempted_when=AttemptedWhen.UNBOUND,
    update_resets_failed=False,
    unbinding_sets_down=False,
    binding_raises_revision=False,
    reads_bind=ReadsBind.DEVICE_DETAILS,
    process_lock=ProcessLock.ALL,
    conflict_repeats=ConflictRepeats.NOTHING,
)
