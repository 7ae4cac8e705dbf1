"""An interrupt that comes while a module is loaded is not lost, even if the module swallows everything."""

import signal
import sys
from pathlib import Path

import pytest

from sim.results.loading import load_whole

SWALLOWS = """\
import signal
try:
    signal.raise_signal(signal.SIGINT)
    for _ in range(1000):
        pass
except BaseException:
    pass
loaded = True
"""


def test_an_interrupt_waits_until_the_module_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "swallows_interrupts.py").write_text(SWALLOWS)
    monkeypatch.syspath_prepend(tmp_path)
    usual = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        load_whole("swallows_interrupts")
    assert sys.modules.pop("swallows_interrupts").loaded
    assert signal.getsignal(signal.SIGINT) is usual
