"""What decides the result of a run beside its scenario and seed: the sources and the packages, as one hash.

The cache and the cluster use it: results of other code are never mixed with these. The manifest has it, for `bindsim
diff`.
"""

import hashlib
import platform
import sqlite3
from functools import cache
from importlib.metadata import version
from pathlib import Path

_ROOT = Path(__file__).parents[2]
# What a run without a history executes. sim.history is left out: it records and checks, and decides nothing.
_SOURCES = (
    "core", "sim/kernel", "sim/database", "sim/model", "sim/scenario", "sim/metrics", "sim/simulation.py",
    "sim/experiment/jobs.py",
)  # fmt: skip
_PACKAGES = ("greenlet", "numpy", "pydantic", "pyyaml", "simpy", "sqlalchemy")


@cache
def code_version() -> str:
    """64 hexadecimal digits that change with any of it."""
    parts = [f"python {platform.python_version()}", f"sqlite {sqlite3.sqlite_version}"]
    parts += [f"{package} {version(package)}" for package in _PACKAGES]
    total = hashlib.sha256("\n".join(parts).encode())
    for file in _files():
        total.update(f"\n{file.relative_to(_ROOT).as_posix()}\n".encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def _files() -> list[Path]:
    found = list[Path]()
    for source in _SOURCES:
        path = _ROOT / source
        found += [path] if path.is_file() else path.rglob("*.py")
    return sorted(found, key=lambda file: file.relative_to(_ROOT).as_posix())
