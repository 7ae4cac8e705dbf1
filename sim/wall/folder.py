"""The folder of a run, for its socket and event logs. It is gone afterwards; one that a killed run left, at the next.

A folder is locked (flock) for as long as its run lives, by the file `owner` in it, which is there only once it is
locked. The kernel frees the lock when the process ends in whatever way.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = "bindsim-run-"
_LONGEST_BASE = 70  # bytes; a socket's path has at most 103, and ours adds 30


@contextmanager
def run_folder() -> Iterator[Path]:
    """A new folder that only we can enter."""
    base = _base()
    _sweep(base)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=base))
    owner = os.open(folder / "owner.new", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(owner, fcntl.LOCK_EX)
        (folder / "owner.new").rename(folder / "owner")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(owner)


def _base() -> Path:
    usual = tempfile.gettempdir()
    return Path(usual if len(os.fsencode(usual)) <= _LONGEST_BASE else "/tmp")


def _sweep(base: Path) -> None:
    """Removes what runs have left that were killed."""
    for owner in base.glob(f"{_PREFIX}*/owner"):
        try:
            descriptor = os.open(owner, os.O_RDWR)
        except OSError:
            continue  # somebody else's, or just gone
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(owner.parent, ignore_errors=True)
        except OSError:
            pass  # its run lives
        finally:
            os.close(descriptor)
