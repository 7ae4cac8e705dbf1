"""What the progress bar says, and to whom."""

import io
import sys

import pytest

from sim.cli.progress import in_words, shown_progress
from sim.experiment import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def reading(left_s: float | None) -> Progress:
    return Progress(
        replications_done=1, replications=4, virtual_s=1234.4, operations=5000, operations_per_s=987.6, left_s=left_s
    )


def test_it_tells_simulated_time_operations_a_second_and_time_left() -> None:
    assert in_words(reading(61.0)) == "1/4, 1,234 s simulated, 988 operations/s, 1:01 left"
    assert in_words(reading(None)) == "1/4, 1,234 s simulated, 988 operations/s"


def test_it_is_drawn_on_standard_error_for_a_terminal_and_for_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with shown_progress("mine") as listener:
        assert listener is None
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with shown_progress("mine") as listener:
        assert listener is not None
        listener(reading(61.0))
    assert "1:01 left" in terminal.getvalue()
