"""Where a result comes from: commit, packages, machine.

For the manifest; it differs between machines by design.
"""

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from sim.results.code_version import code_version

_PACKAGES = (
    "bindsim", "greenlet", "matplotlib", "neutron", "neutron-lib", "numpy", "pandas", "pyarrow", "pydantic",
    "pyyaml", "rich", "scipy", "simpy", "sqlalchemy", "typer",
)  # fmt: skip
_GIT_LIMIT_S = 10  # wall-clock; a commit that cannot be told quickly is not told


def provenance() -> dict[str, Any]:
    """The fields of a manifest that say what made the result."""
    return {
        "commit": _commit(),
        "code": code_version(),
        "packages": {name: found for name in _PACKAGES if (found := _version(name)) is not None},
        "host": {
            "python": platform.python_version(),
            "system": platform.system(),
            "machine": platform.machine(),
            "cores": os.cpu_count(),
        },
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _commit() -> str | None:
    """The commit of the checkout that the code runs from, '+changes' when files differ; None outside a checkout."""
    root = Path(__file__).parents[2]
    commit = _git(root, "rev-parse", "HEAD") if (root / ".git").exists() else None
    if commit is None:
        return None
    return f"{commit}+changes" if _git(root, "status", "--porcelain", "--untracked-files=no") else commit


def _git(root: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, timeout=_GIT_LIMIT_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
