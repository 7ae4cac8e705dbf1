"""Running a command of bindsim in this process."""

from collections.abc import Callable

import pytest

from sim.cli import main

Said = Callable[..., tuple[int, str, str]]


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    """What a command returned and wrote on each stream."""

    def _said(*arguments: str) -> tuple[int, str, str]:
        status = main(arguments)
        out, err = capsys.readouterr()
        return status, out, err

    return _said
