"""Impatient clients: some operations are waited for less long than client.timeout_s says.

The load asks it for every operation that a client sends. What a client does then is the load's business.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.model.requests import Request
from sim.scenario import Impatience

if TYPE_CHECKING:
    from sim.model.system import System


class ImpatientClients:
    """All impatience of a run."""

    def __init__(self, system: "System", faults: Sequence[Impatience]) -> None:
        self._faults = faults
        self._draws = system.draws
        self._recorder = system.recorder
        self._purpose = system.draws.purpose("fault impatience")

    def patience_us(self, request: Request, usual_us: int | None) -> int | None:
        """How long the client of a request waits."""
        patience_s = self._own_s(request)
        return usual_us if patience_s is None else round(patience_s * 1e6)

    def lost(self, request: Request) -> None:
        """A client has stopped waiting; of the impatient ones that is a fault."""
        patience_s = self._own_s(request)
        if patience_s is not None:
            whose = f"the client of {request.step.kind} (operation {request.operation})"
            self._recorder.fault("impatience", f"{whose} waits no longer than {patience_s:g} s")

    def _own_s(self, request: Request) -> float | None:
        """The patience of an impatient client, s."""
        uniform = self._draws.uniform(self._purpose, request.operation)
        for fault in self._faults:
            meant = fault.operation in (None, request.operation)
            if meant and (fault.probability is None or uniform < fault.probability):
                return fault.patience_s
        return None
