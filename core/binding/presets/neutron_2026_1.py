"""Neutron 28.0.1 (2026.1): deferred binding twelve years on.

What differs from `deferred`, and where it stands in Neutron's history:

| policy | here | deferred | source |
| --- | --- | --- | --- |
| first_read | plain | for_update | ffa7695038 (2017); revisions are not compared (d841ce72bf, 2019) |
| second_read | compare_and_swap | for_update | commit_binding: a plain read, then bump_revision |
| updated_columns | changed | all | SQLAlchemy's unit of work |
| concurrency_check | values | generation | commit_binding |
| update_resets_failed | no | yes | binding_failed stays until an attempt is committed |
| failed_round | go_round | commit | 63fe3a418c (bug 1399249), 2016 |
| shared_limit | yes | no | one loop counts both |
| reads_bind | device_details | api | get_bound_port_context |
| revived_agent | rebinds | ignored | f787f12aa3 (bug 1794809), 2018 |
| conflict_repeats | binding | transaction | 7265e9a357 (bug 1543880), 2017 |
| update_postcommit_error | log | raise | 9eed4167b6, 2015 |
| activation | stale | rereads | activate: one read before ten tries, f7b62a7f29 |

Left out: another vnic_type of a bound port is refused there (PortInUse), and unbinds it here.

Promises (core.binding.promises): none.
"""

from core.binding.policies import (
    Activation,
    Columns,
    ConcurrencyCheck,
    ConflictRepeats,
    FailedRound,
    PortAccess,
    ReadsBind,
    RevivedAgent,
    UpdatePostcommitError,
)
from core.binding.strategy import BindingStrategy

NEUTRON_2026_1 = BindingStrategy(
    name="neutron-2026.1",
    first_read=PortAccess.PLAIN,
    second_read=PortAccess.COMPARE_AND_SWAP,
    updated_columns=Columns.CHANGED,
    concurrency_check=ConcurrencyCheck.VALUES,
    update_resets_failed=False,
    failed_round=FailedRound.GO_ROUND,
    shared_limit=True,
    reads_bind=ReadsBind.DEVICE_DETAILS,
    revived_agent=RevivedAgent.REBINDS,
    conflict_repeats=ConflictRepeats.BINDING,
    update_postcommit_error=UpdatePostcommitError.LOG,
    activation=Activation.STALE,
)
