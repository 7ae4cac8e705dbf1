"""The engines that can hold the rows of the modelled server, and what is asked of their sessions. Constants only."""

from dataclasses import dataclass

from sqlalchemy import Engine

LOCK_LIMIT_MS = 200
"""How long PostgreSQL may wait for a lock, in milliseconds: nothing but what a run does itself is ever waited for."""
LOCK_LIMIT_S = 1
"""The same for InnoDB, in seconds, the smallest number that does not mean 'not at all'."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineKind:
    """One kind of engine.

    `settings` are statements for each new session. `error_aborts`: after a failed statement nothing can be asked in its
    transaction any more, unless a savepoint saves it. `profiles`: those that lock at least what it does.
    """

    name: str
    settings: tuple[str, ...]
    error_aborts: bool
    profiles: tuple[str, ...]


POSTGRESQL = EngineKind(
    name="PostgreSQL",
    settings=(f"SET lock_timeout = {LOCK_LIMIT_MS}",),
    error_aborts=True,
    profiles=("postgresql", "innodb", "sqlite"),
)
MARIADB = EngineKind(
    name="MariaDB",
    settings=(f"SET innodb_lock_wait_timeout = {LOCK_LIMIT_S}", f"SET lock_wait_timeout = {LOCK_LIMIT_S}"),
    error_aborts=False,
    profiles=("innodb", "sqlite"),
)

_KINDS = {"postgresql": POSTGRESQL, "mysql": MARIADB, "mariadb": MARIADB}


def kind_of(engine: Engine) -> EngineKind:
    """The kind of an engine. KeyError for one that cannot have many open transactions."""
    return _KINDS[engine.dialect.name]


def storage_refusal(kind: str, profile: str) -> str | None:
    """Why postgresql or mariadb cannot hold the rows of a server with this profile; None if it can."""
    found = _KINDS[kind]
    if profile in found.profiles:
        return None
    return (
        f"{found.name} cannot hold the rows of a database with profile {profile}, which has other locks;"
        f" it can with {', '.join(found.profiles)}"
    )
