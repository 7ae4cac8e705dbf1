"""Which binding strategies a scenario compares: presets of the core, and users' own compositions of its policies.

A `Strategy` is what a file says; its `policies` are the core's record of it. The command line looks one up by name.
"""

import re
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from core.binding import PRESETS, BindingStrategy
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
from sim.scenario.base import LONGEST_NAME, Flag, Part, PositiveCount, PositiveSeconds, StrategyName

BASES = ("in-transaction", "deferred", "serialized")
"""The strategies that this project is about: what a command means that names none."""
ERAS = ("havana", "icehouse", "juno", "neutron-2026.1")
"""What releases of Neutron did."""
KNOWN = (*BASES, *ERAS)

_AS_FLAGS: dict[str, dict[Any, Any]] = {
    "reads_bind": {"api": True, "never": False},
    "process_lock": {"update_and_delete": True, "none": False},
}
"""Words for which a file may also say true or false; the resolved form does."""
_POLICIES = {
    "where": Where,
    "first_read": PortAccess,
    "second_read": PortAccess,
    "updated_columns": Columns,
    "concurrency_check": ConcurrencyCheck,
    "input_change": InputChange,
    "attempted_when": AttemptedWhen,
    "failed_round": FailedRound,
    "conflict_repeats": ConflictRepeats,
    "update_postcommit_error": UpdatePostcommitError,
    "delete_order": DeleteOrder,
    "revived_agent": RevivedAgent,
    "activation": Activation,
    "binding_row": BindingRow,
    "reads_bind": ReadsBind,
    "process_lock": ProcessLock,
}
_ALWAYS = ("concurrency_check", "reads_bind", "process_lock")
_AFTER_COMMIT = (
    "second_read", "concurrency_check", "binding_raises_revision", "failed_round", "shared_limit", "max_attempts",
    "loser_notifies", "revived_agent",
)  # fmt: skip
_UNDER_LEASE = ("lease_s", "lease_poll_s")


class Strategy(Part):
    """One way to bind. A plain name (in-transaction, deferred, serialized, havana, icehouse, juno, neutron-2026.1) is
    that strategy as it is; a mapping says what it is based on and which policies differ."""

    name: StrategyName
    """What tables and results call it."""
    base: Literal["in-transaction", "deferred", "serialized", "havana", "icehouse", "juno", "neutron-2026.1"]
    """What it is a variant of: every policy that is not given is this one's."""
    concurrency_check: Literal["generation", "values", "none"] = "generation"
    """How a binding's commit sees that inputs changed meanwhile (after_commit, under_lease): by the binding's
    generation; by comparing host, vnic_type and profile, which misses A -> B -> A; or not at all."""
    reads_bind: Flag | Literal["device_details"] = True
    """Which reads bind a port that needs it: true (or api): get_port, get_ports and the agent's request for device
    details; device_details: that request alone; false (or never): none. Never for binding inside a transaction."""
    process_lock: Flag | Literal["delete_and_status", "all"] = False
    """Which transactions hold a lock of their API process, as in 2014: false (or none); true (or update_and_delete);
    delete_and_status; all: update, delete, status and the commit of a binding."""
    max_attempts: PositiveCount = MAX_BINDING_ATTEMPTS
    """Attempts for one port in one operation before giving up; Neutron's is 10 (after_commit, under_lease)."""
    lease_s: PositiveSeconds = LEASE_S
    """How long a lease of a port lasts, s (under_lease)."""
    lease_poll_s: PositiveSeconds = LEASE_POLL_S
    """How often a taken lease is asked for again, s (under_lease)."""
    where: Literal["inside", "after_commit", "under_lease"] | None = None
    """Where bind_port runs: inside the transaction that creates or updates the port, after its commit, or after its
    commit under a lease of the port."""
    first_read: Literal["for_update", "plain", "compare_and_swap"] | None = None
    """How the transactions that update and delete a port read it: locking its rows, not locking them, or not locking
    them and writing only if its revision number is still the one that was read."""
    second_read: Literal["for_update", "plain", "compare_and_swap"] | None = None
    """The same of the transaction that commits a binding (after_commit, under_lease)."""
    updated_columns: Literal["all", "changed"] | None = None
    """Which columns of a row an update writes: all, or those that differ from what was read."""
    input_change: Literal["differs", "host_given", "absent_profile_is_empty"] | None = None
    """Which updates unbind a port: those that change a binding input; also those that give a host, even the same one;
    all, because a profile that is not given counts as empty."""
    attempted_when: Literal["inputs_changed", "unbound", "not_bound"] | None = None
    """When a port with a host is attempted: when the operation has changed its inputs; when it is unbound
    (binding_failed is final); when it is unbound or binding_failed."""
    update_resets_failed: Flag | None = None
    """Whether any update of a port whose binding has failed makes it unbound."""
    unbinding_sets_down: Flag | None = None
    """Whether the port's status becomes DOWN when its binding is removed."""
    binding_raises_revision: Flag | None = None
    """Whether the commit of a binding raises the port's revision number (after_commit, under_lease)."""
    failed_round: Literal["commit", "go_round"] | None = None
    """What follows when no driver has bound the port: binding_failed is committed, or all drivers are asked again, up
    to max_attempts, without reading the port again (after_commit, under_lease)."""
    shared_limit: Flag | None = None
    """Whether failed rounds and refused commits are counted together against max_attempts (after_commit,
    under_lease)."""
    loser_notifies: Flag | None = None
    """Whether an update that has lost to another's binding still notifies the agent (after_commit, under_lease)."""
    revived_agent: Literal["ignored", "rebinds"] | None = None
    """Whether the ports of a host that have failed to bind are attempted when its agent reports again (after_commit,
    under_lease)."""
    conflict_repeats: Literal["transaction", "binding", "operation", "nothing"] | None = None
    """What a conflict repeats: the transaction; the whole binding, drivers' calls included; the whole API request; or
    nothing: the client gets the error."""
    update_postcommit_error: Literal["raise", "log"] | None = None
    """What an error of a driver after an update does: the client gets it and the port is not attempted, or it is
    logged."""
    unbinds_driver: Flag | None = None
    """Whether the bound driver's unbind_port is called in the transaction that removes its binding."""
    validates_binding: Flag | None = None
    """Whether an update that leaves the inputs asks the bound driver's validate_bound_port."""
    delete_order: Literal["forward", "reverse"] | None = None
    """In which order drivers are told of a deletion."""
    activation: Literal["rereads", "stale"] | None = None
    """How activate makes an inactive binding the active one: in one transaction that starts from the port as it is; or
    by unbinding the port first, and trying max_attempts times to commit onto that state, which is not read again."""
    binding_row: Literal["with_port", "on_demand"] | None = None
    """Who inserts a port's binding row: the transaction that creates the port; or, where a port has none, whoever first
    reads it to change it or to show it by its id (ports.with_host says when there are such ports)."""

    left_out_when_null: ClassVar[frozenset[str]] = frozenset(
        {
            *_POLICIES, "update_resets_failed", "unbinding_sets_down", "binding_raises_revision", "shared_limit",
            "loser_notifies", "unbinds_driver", "validates_binding",
        } - set(_ALWAYS)
    )  # fmt: skip

    @classmethod
    def expand(cls, raw: Any) -> Any:
        """A plain name is a preset; a mapping named like one need not say its base, one without a name gets one."""
        if isinstance(raw, str):
            return {"name": raw, "base": raw}
        if isinstance(raw, dict) and "base" not in raw and raw.get("name") in KNOWN:
            return {**raw, "base": raw["name"]}
        if isinstance(raw, dict) and "name" not in raw and isinstance(raw.get("base"), str):
            return {"name": _named(raw), **raw}
        return raw

    @classmethod
    def fill(cls, raw: dict[str, Any]) -> dict[str, Any]:
        """What is not given is the base's; what is given as the base has it is not given."""
        preset = PRESETS.get(raw["base"]) if isinstance(raw.get("base"), str) else None
        if preset is None:
            return raw
        filled = {name: getattr(preset, name) for name in ("max_attempts", *_ALWAYS, *_UNDER_LEASE)} | raw
        for name, words in _AS_FLAGS.items():
            value = filled[name]
            filled[name] = words.get(value, value) if isinstance(value, str) else value
        for name in cls.left_out_when_null:
            if filled.get(name) == getattr(preset, name):
                del filled[name]
        return {name: str(value) if name == "concurrency_check" else value for name, value in filled.items()}

    @property
    def policies(self) -> BindingStrategy:
        """The core's composition."""
        preset = PRESETS[self.base]
        given = {name: getattr(self, name) for name in ("name", "max_attempts", *_ALWAYS, *_UNDER_LEASE)}
        given |= {name: value for name in self.left_out_when_null if (value := getattr(self, name)) is not None}
        return replace(preset, **{name: _policy(name, value) for name, value in given.items()})

    @model_validator(mode="after")
    def _settings_mean_something(self) -> Self:
        made, preset = self.policies, PRESETS[self.base]
        for setting in (
            *(_AFTER_COMMIT if made.inside else ()),
            *(() if made.where == "under_lease" else _UNDER_LEASE),
        ):
            if getattr(made, setting) != getattr(preset, setting):
                raise PydanticCustomError(
                    "cross",
                    "{setting} has no meaning where bind_port runs {where}; only {wheres}",
                    {
                        "setting": setting,
                        "where": str(made.where),
                        "wheres": "under_lease" if setting in _UNDER_LEASE else "after_commit or under_lease",
                    },
                )
        if made.inside and made.reads_bind != ReadsBind.NEVER:
            raise PydanticCustomError(
                "cross",
                "reads_bind is {reads_bind}, but where bind_port runs inside no read binds; allowed is false",
                {"reads_bind": str(made.reads_bind)},
            )
        return self


def _named(raw: dict[str, Any]) -> str:
    """What a composition is called that has no name: its base, and what is given beside it."""
    given = (f"{key}-{value}".lower() for key, value in raw.items() if key != "base" and value is not None)
    return re.sub(r"[^a-zA-Z0-9._-]+", "_", "-".join((raw["base"], *given)))[:LONGEST_NAME]


def _policy(name: str, value: Any) -> Any:
    """The core's word for a value of a file."""
    if isinstance(value, bool) and name in _AS_FLAGS:
        value = next(word for word, flag in _AS_FLAGS[name].items() if flag is value)
    return _POLICIES[name](value) if name in _POLICIES else value


Strategies = Annotated[tuple[Strategy, ...], Field(min_length=1, max_length=20)]


def builtin(name: str) -> Strategy:
    """The preset called `name`, one of `KNOWN`."""
    return Strategy.model_validate(name)
