"""How a private MariaDB is made and run: Debian's mariadb-server or any other whose programs are found."""

import os
import shutil
import signal
import socket
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from sim.servers.errors import NotInstalled
from sim.servers.private import Settings
from sim.servers.urls import check_driver

if TYPE_CHECKING:
    from pymysql.connections import Connection

_USER = "bindsim"
_MORE_PLACES = "/usr/sbin:/usr/local/sbin:/usr/local/mysql/bin"
"""Where distributions put mariadbd, which is not on every user's path."""


class MariadbRecipe:
    """An installed MariaDB without network, on a socket in its own data folder; never reads the machine's settings."""

    kind: ClassVar[str] = "mariadb"
    database_user: ClassVar[str] = _USER
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM
    crash_signal: ClassVar[signal.Signals] = signal.SIGKILL
    not_durable: ClassVar[Settings] = {"innodb_flush_log_at_trx_commit": 2}

    def __init__(self) -> None:
        check_driver(self.kind)
        self.user: int | None = None
        self._server, self._install = _program("mariadbd"), _program("mariadb-install-db")

    def prepare(self, folder: Path) -> list[list[str]]:
        """Makes the data folder; the command that fills it."""
        data = folder / "data"
        data.mkdir(mode=0o700)
        return [[
            self._install, "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal",
            "--skip-test-db", *_as_root(),
        ]]  # fmt: skip

    def command(self, folder: Path, settings: Settings) -> list[str]:
        """MariaDB in the foreground."""
        data = folder / "data"
        chosen = [f"--{name.replace('_', '-')}={value}" for name, value in settings.items()]
        return [
            self._server, "--no-defaults", f"--datadir={data}", f"--socket={_socket(folder)}",
            f"--pid-file={data / 'pid'}", "--skip-networking", *_as_root(), *chosen,
        ]  # fmt: skip

    def admin_url(self, folder: Path) -> str:
        """The superuser's URL."""
        return _url("root", folder)

    def user_url(self, folder: Path) -> str:
        """The URL of a run."""
        return _url(_USER, folder)

    def answers(self, folder: Path) -> bool:
        """Whether it takes connections."""
        import pymysql

        if not _listens(_socket(folder)):
            return False
        try:
            _root(folder).close()
        except pymysql.err.OperationalError:
            return False
        return True

    def create_user(self, folder: Path) -> None:
        """A user that may do everything in databases of ours, and nothing else."""
        connection = _root(folder)
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE USER {_USER}@localhost")
            cursor.execute(f"GRANT ALL ON `bindsim\\_%`.* TO {_USER}@localhost")
        connection.close()


def _program(name: str) -> str:
    found = shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", ""), _MORE_PLACES)))
    if found is None:
        raise NotInstalled(
            f"a private MariaDB needs the program {name}, which is not installed: install Debian's package"
            " mariadb-server, or give the URL of a server"
        )
    return found


def _as_root() -> list[str]:
    """mariadbd runs as root only when told to by name."""
    return ["--user=root"] if os.geteuid() == 0 else []


def _socket(folder: Path) -> Path:
    return folder / "data" / "socket"


def _listens(path: Path) -> bool:
    """Whether somebody listens on a socket. PyMySQL is not asked, since it leaves a socket open that is refused."""
    with socket.socket(socket.AF_UNIX) as asking:
        return asking.connect_ex(str(path)) == 0


def _root(folder: Path) -> "Connection":
    import pymysql

    return pymysql.connect(user="root", unix_socket=str(_socket(folder)), connect_timeout=1)


def _url(user: str, folder: Path) -> str:
    return f"mysql+pymysql://{user}@localhost/?unix_socket={_socket(folder)}"
