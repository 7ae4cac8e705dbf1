"""Which binding strategies a scenario compares: the three built-in ones and users' own compositions.

`sim.model` turns a `Strategy` into the core's policies; the command line looks one up by name.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from core.constants import LEASE_POLL_S, LEASE_S, MAX_BINDING_ATTEMPTS
from sim.scenario.base import Flag, Name, Part, PositiveCount, PositiveSeconds

BASES = ("in-transaction", "deferred", "serialized")
_ONLY_FOR = {
    "process_lock": ("in-transaction",),
    "concurrency_check": ("deferred", "serialized"),
    "max_attempts": ("deferred", "serialized"),
    "lease_s": ("serialized",),
    "lease_poll_s": ("serialized",),
}


class Strategy(Part):
    """One way to bind. A plain name (in-transaction, deferred, serialized) is that strategy as it is."""

    name: Name
    """What tables and results call it."""
    base: Literal["in-transaction", "deferred", "serialized"]
    """What it is a variant of."""
    concurrency_check: Literal["generation", "values"] = "generation"
    """How a binding's commit sees that inputs changed meanwhile (deferred, serialized): by the
    binding's generation, or by comparing host, vnic_type and profile, which misses A -> B -> A."""
    reads_bind: Flag = True
    """Whether get_port and get_ports bind a port that needs it: true unless said otherwise for deferred and
    serialized, always false for in-transaction."""
    process_lock: Flag = False
    """Whether update and delete hold a lock of their API process, as in 2014 (in-transaction)."""
    max_attempts: PositiveCount = MAX_BINDING_ATTEMPTS
    """Attempts for one port in one operation before giving up; Neutron's is 10 (deferred, serialized)."""
    lease_s: PositiveSeconds = LEASE_S
    """How long a lease of a port lasts, s (serialized)."""
    lease_poll_s: PositiveSeconds = LEASE_POLL_S
    """How often a taken lease is asked for again, s (serialized)."""

    @classmethod
    def expand(cls, raw: Any) -> Any:
        """A plain name is a built-in strategy; a mapping that is named like one need not say its base."""
        if isinstance(raw, str):
            return {"name": raw, "base": raw}
        if isinstance(raw, dict) and "base" not in raw and raw.get("name") in BASES:
            return {**raw, "base": raw["name"]}
        return raw

    @classmethod
    def fill(cls, raw: dict[str, Any]) -> dict[str, Any]:
        """Whether reads bind depends on the base."""
        return {"reads_bind": raw.get("base") != "in-transaction", **raw}

    @model_validator(mode="after")
    def _settings_mean_something(self) -> Self:
        for setting, bases in _ONLY_FOR.items():
            changed = getattr(self, setting) != type(self).model_fields[setting].default
            if changed and self.base not in bases:
                raise PydanticCustomError(
                    "cross",
                    "{setting} has no meaning for a strategy based on {base}; only for {bases}",
                    {"setting": setting, "base": self.base, "bases": " and ".join(bases)},
                )
        if self.reads_bind and self.base == "in-transaction":
            raise PydanticCustomError("cross", "reads never bind in in-transaction binding; leave reads_bind out")
        return self


Strategies = Annotated[tuple[Strategy, ...], Field(min_length=1, max_length=20)]


def builtin(name: str) -> Strategy:
    """The built-in strategy called `name`, one of `BASES`."""
    return Strategy.model_validate(name)
