"""A server of our own: started in a private folder on a Unix socket, stopped, started again, thrown away.

What PostgreSQL and MariaDB do differently is a Recipe. A server runs in a session of its own, so that Ctrl-C in the
terminal reaches us and not it, and is stopped by us.
"""

import os
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from pwd import getpwuid
from typing import ClassVar, Protocol

from sim.servers.errors import ServerError
from sim.servers.folders import ServerFolder

_START_LIMIT_S = 60.0
_STOP_LIMIT_S = 60.0
_LOOK_EVERY_S = 0.02
_LOG_LINES = 5

Settings = Mapping[str, str | int]


class Recipe(Protocol):
    """How one kind of server is made and run. Commands are whole argument lists; `user` is a system user or None."""

    kind: ClassVar[str]
    user: int | None
    """The number of the system user that the server runs as; None for ours."""
    not_durable: ClassVar[Settings]
    """What makes the server not wait for the disk; what was committed still survives a crash of the server alone."""
    database_user: ClassVar[str]
    """Who a run works as: no superuser, so the superuser's reserved connections stay free."""
    stop_signal: ClassVar[signal.Signals]
    """Ends sessions, keeps everything that was committed and closes the files."""
    crash_signal: ClassVar[signal.Signals]
    """Ends the server at once, as a power cut would, so that it recovers at its next start."""

    def prepare(self, folder: Path) -> list[list[str]]:
        """The commands that make an empty database cluster in `folder`. ServerError when something is not installed."""

    def command(self, folder: Path, settings: Settings) -> list[str]:
        """The command that runs the server in the foreground."""

    def admin_url(self, folder: Path) -> str:
        """The URL of the superuser."""

    def user_url(self, folder: Path) -> str:
        """The URL of `database_user`."""

    def answers(self, folder: Path) -> bool:
        """Whether the server takes connections."""

    def create_user(self, folder: Path) -> None:
        """Makes `database_user`."""


class PrivateServer:
    """A running server in a folder of its own. `settings` are the server's variables by name."""

    def __init__(self, recipe: Recipe, settings: Settings, *, durable: bool) -> None:
        self._recipe = recipe
        self._settings = {**({} if durable else recipe.not_durable), **settings}
        self._folder = ServerFolder.made(recipe.kind)
        self._process: subprocess.Popen[bytes] | None = None
        try:
            for command in recipe.prepare(self._folder.path):
                self._run(command)
            self.start()
            recipe.create_user(self._folder.path)
        except OSError as error:
            self.remove()
            raise ServerError(f"a private {recipe.kind} server cannot be started: {error}") from error
        except BaseException:
            self.remove()
            raise

    @property
    def user(self) -> str:
        """The database's user that a run works as."""
        return self._recipe.database_user

    @property
    def admin_url(self) -> str:
        """The superuser's URL."""
        return self._recipe.admin_url(self._folder.path)

    @property
    def user_url(self) -> str:
        """The URL of `user`."""
        return self._recipe.user_url(self._folder.path)

    def start(self) -> None:
        """Starts the server and waits until it answers. ServerError with the end of its log when it does not."""
        self._process = self._launched(self._recipe.command(self._folder.path, self._settings))
        until = time.monotonic() + _START_LIMIT_S
        while not self._recipe.answers(self._folder.path):
            if self._process.poll() is not None:
                raise self._failed("ended at its start")
            if time.monotonic() > until:
                raise self._failed(f"did not answer within {_START_LIMIT_S:g} s")
            time.sleep(_LOOK_EVERY_S)

    def stop(self, *, crash: bool = False) -> None:
        """Ends the server and its sessions; with `crash` at once and without closing its files."""
        if self._process is None:
            return
        self._process.send_signal(self._recipe.crash_signal if crash else self._recipe.stop_signal)
        try:
            self._process.wait(_STOP_LIMIT_S)
        except subprocess.TimeoutExpired as error:
            raise self._failed(f"did not stop within {_STOP_LIMIT_S:g} s") from error
        self._process = None

    def remove(self) -> None:
        """Ends the server as fast as can be and removes everything of it."""
        self._folder.remove()
        if self._process is not None:
            self._process.wait(_STOP_LIMIT_S)
            self._process = None

    def _run(self, command: list[str]) -> None:
        status = self._launched(command).wait()
        if status != 0:
            raise self._failed(f"cannot be prepared: {Path(command[0]).name} ended with status {status}")

    def _launched(self, command: list[str]) -> subprocess.Popen[bytes]:
        folder, user = self._folder.path, self._recipe.user
        with self._log.open("ab") as log:
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, env=_environment(folder),
                start_new_session=True, user=user, group=None if user is None else getpwuid(user).pw_gid,
                extra_groups=None if user is None else [],
            )  # fmt: skip

    @property
    def _log(self) -> Path:
        return self._folder.path / "log"

    def _failed(self, how: str) -> ServerError:
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines() if self._log.exists() else []
        telling = [line for line in lines if "ERROR" in line or "FATAL" in line] or lines
        return ServerError(
            f"the private {self._recipe.kind} server {how}; its log: {' / '.join(telling[-_LOG_LINES:])}"
        )


def _environment(folder: Path) -> dict[str, str]:
    """Ours, without what would steer the servers' programs, and with messages in English.

    Temporary files go into the folder: a MariaDB that starts removes those of any other in the same place.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "MYSQL_", "MARIADB_"))}
    return kept | {"LC_ALL": "C", "TMPDIR": str(folder)}
