"""What the style guards look at: the tracked files, and the source."""

import subprocess
from pathlib import Path

import pytest

from tests.tidy.source_tree import ROOT, Source, read_sources


@pytest.fixture(scope="session")
def tracked() -> list[Path]:
    """Every file under version control that exists. An unpacked archive has none to ask about."""
    answer = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if answer.returncode != 0:
        pytest.skip("not a git checkout")
    paths = (ROOT / name for name in answer.stdout.decode().split("\0") if name)
    return [path for path in paths if path.is_file()]


@pytest.fixture(scope="session")
def sources() -> list[Source]:
    """Every file of core and sim."""
    return read_sources(ROOT / "core", ROOT / "sim")
