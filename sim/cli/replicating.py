"""How many replications: what --replications, --precision, --precision-of and --most say together.

sim.cli.running calls it for run and compare.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sim.cli.status import Refused
from sim.experiment import MOST, REPLICATIONS, Precision


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The options as they were given; None for those that were not. `usual` is what --replications is without them."""

    usual: int = REPLICATIONS
    replications: int | None = None
    precision: float | None = None
    precision_of: Sequence[str] | None = None
    most: int | None = None

    @property
    def count(self) -> int:
        """The number of replications where no precision decides it."""
        return self.usual if self.replications is None else self.replications

    def chosen_precision(self) -> Precision | None:
        """The precision that was asked for. Raises Refused for options that do not go together, or mean nothing."""
        if self.precision is None:
            if self.most is not None or self.precision_of:
                raise Refused(
                    f"{'--precision-of' if self.precision_of else '--most'} belongs to --precision, such as 0.05"
                )
            return None
        if self.replications is not None:
            raise Refused("--replications and --precision cannot be given together; --most limits --precision")
        try:
            most = MOST if self.most is None else self.most
            return Precision(share=self.precision, metrics=tuple(dict.fromkeys(self.precision_of or ())), most=most)
        except ValueError as problem:
            raise Refused(f"--{problem}") from None
