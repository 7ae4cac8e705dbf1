"""Folders of private servers, each locked for as long as its owner lives, so that what a killed run left is found.

A folder is `<temporary directory>/bindsim-servers-<user>/<kind>-<process>-<random>`. Its file `owner` is locked (flock)
by the process that made it; the kernel frees the lock when that process ends in whatever way. Whoever comes next and
gets the lock knows that nobody lives there: it ends the server and removes the folder. A lock on the whole registry
keeps a folder that is just being made from looking abandoned. Only servers whose command line names the folder are
ended, so a process id that is in use again harms nobody.
"""

import fcntl
import os
import re
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import IO

from sim.servers.errors import ServerError

_LONGEST_BASE = 40
"""A socket's path has at most 103 bytes (macOS; Linux 107), and ours adds about 60 to the temporary directory's."""
_PATIENCE_S = 5.0
_OURS = re.compile(r"(postgresql|mariadb)-\d+-[0-9a-f]{6}")
_PROGRAMS = {"postgres", "mariadbd", "initdb", "mariadb-install-db"}


class ServerFolder:
    """One private server's folder, ours until `remove`."""

    def __init__(self, path: Path, owner: IO[str]) -> None:
        self.path = path
        self._owner = owner

    @classmethod
    def made(cls, kind: str) -> "ServerFolder":
        """A new folder, locked, that a server's user may pass through. ServerError when there cannot be one."""
        try:
            with _registry() as registry:
                path = registry / f"{kind}-{os.getpid()}-{token_hex(3)}"
                path.mkdir(mode=0o711)
                path.chmod(0o711)  # as for the registry
                return cls(path, _locked(path / "owner"))
        except OSError as error:
            raise ServerError(
                f"no folder for a private server: {error}; set TMPDIR to a folder that we may write to"
            ) from error

    def remove(self) -> None:
        """Ends every server that still works in the folder, then removes it and all that is in it."""
        _emptied(self.path)
        self._owner.close()


def sweep() -> None:
    """Ends the servers and removes the folders of runs that are dead."""
    with suppress(OSError), _registry() as registry:
        for path in sorted(registry.iterdir()):
            if _OURS.fullmatch(path.name):
                _remove_if_abandoned(path)


def _remove_if_abandoned(path: Path) -> None:
    try:
        owner = _locked(path / "owner")
    except BlockingIOError:
        return
    with owner:
        _emptied(path)


def _emptied(path: Path) -> None:
    for process in _servers_in(path):
        _end(process, path)
    shutil.rmtree(path, ignore_errors=True)


def _end(process: int, path: Path) -> None:
    """Ends a server that works in `path`: SIGQUIT (PostgreSQL's immediate stop, MariaDB's clean one), then SIGKILL."""
    for number in (signal.SIGQUIT, signal.SIGKILL):
        with suppress(ProcessLookupError):
            if _serves(process, path):
                os.kill(process, number)
        until = time.monotonic() + _PATIENCE_S
        while _serves(process, path) and time.monotonic() < until:
            time.sleep(0.02)


def _locked(path: Path) -> IO[str]:
    file = path.open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise
    return file


@contextmanager
def _registry() -> Iterator[Path]:
    path = _base() / f"bindsim-servers-{os.getuid()}"
    path.mkdir(mode=0o711, exist_ok=True)
    if path.is_symlink() or path.stat().st_uid != os.getuid():
        raise PermissionError(f"{path} is not a folder of this user")
    path.chmod(0o711)  # whatever the umask: a server that runs as another user passes through
    with (path / "registry").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield path


def _base() -> Path:
    """The temporary directory, or the system's where that will not do."""
    chosen = Path(tempfile.gettempdir()).absolute()
    return chosen if _will_do(chosen) else Path("/tmp")


def _will_do(path: Path) -> bool:
    """Whether names of sockets in it are short enough and, for root, whether others may pass through."""
    for_all = os.geteuid() != 0 or all(place.stat().st_mode & stat.S_IXOTH for place in (path, *path.parents))
    return for_all and len(os.fsencode(path)) <= _LONGEST_BASE


def _servers_in(path: Path) -> list[int]:
    proc = Path("/proc")
    if (proc / "self").exists():
        found = [int(entry.name) for entry in proc.iterdir() if entry.name.isdigit()]
    else:
        found = [int(line) for line in _ps("-A", "-o", "pid=").split()]
    return [process for process in found if _serves(process, path)]


def _serves(process: int, path: Path) -> bool:
    """Whether a process is a database server, or makes one, and its command line names this folder.

    A script comes second in its command line. One that lives on would go on writing when its server has been ended.
    """
    command = _command(process)
    is_ours = any(Path(word).name in _PROGRAMS for word in command[:2])
    return is_ours and any(argument.find(f"{path}{os.sep}") >= 0 for argument in command[1:])


def _command(process: int) -> list[str]:
    if not Path("/proc/self").exists():
        return _ps("-p", str(process), "-o", "command=").split() or [""]
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return [""]


def _ps(*arguments: str) -> str:
    return subprocess.run(["ps", *arguments], capture_output=True, text=True, check=False).stdout
