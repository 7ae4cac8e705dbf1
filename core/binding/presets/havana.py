"""Neutron 2013.2 (Havana): binding inside the transaction, and no lock but those of its UPDATEs.

What differs from `deferred`, and where it stands in Neutron's history:

| policy | here | deferred | source |
| --- | --- | --- | --- |
| where | inside | after_commit | before b1677dcb80 (bug 1276391) |
| first_read | plain | for_update | before d9bcd597c6 (bug 1266537) |
| updated_columns | changed | all | SQLAlchemy's unit of work |
| input_change | host_given | differs | process_port_binding of 2013.2: a given host rebinds, even the same one |
| unbinding_sets_down | no | yes | before c5fa665de3 (bugs 1483601, 1443421, 1522824) |
| reads_bind | never | api | |
| conflict_repeats | nothing | transaction | no retry anywhere |
| unbinds_driver | yes | no | until a57dc2c30a (bug 1276395) |
| validates_binding | yes | no | until a57dc2c30a |
| binding_row | on_demand | with_port | before b1677dcb80 (bugs 1335226, 1269131) |

Left out: another profile or vnic_type alone unbinds a port as everywhere; 2013.2 had no such inputs, and looked at the
host only.

Promises (core.binding.promises): none.
"""

from core.binding.policies import BindingRow, Columns, ConflictRepeats, InputChange, PortAccess, ReadsBind, Where
from core.binding.strategy import BindingStrategy

HAVANA = BindingStrategy(
    name="havana",
    where=Where.INSIDE,
    first_read=PortAccess.PLAIN,
    updated_columns=Columns.CHANGED,
    input_change=InputChange.HOST_GIVEN,
    unbinding_sets_down=False,
    reads_bind=ReadsBind.NEVER,
    conflict_repeats=ConflictRepeats.NOTHING,
    unbinds_driver=True,
    validates_binding=True,
    binding_row=BindingRow.ON_DEMAND,
)
