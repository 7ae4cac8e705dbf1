import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from sim.experiment import Settings, interactive
from sim.experiment.cache import OutcomeCache
from sim.experiment.interactive import SWITCH, bar, compare, in_notebook, in_words, is_shown, sweep
from sim.experiment.progress import Progress
from sim.scenario import Scenario


def reading(done: int = 1, left_s: float | None = 5.4) -> Progress:
    return Progress(
        replications_done=done, replications=4, virtual_s=10, operations=3, operations_per_s=1, left_s=left_s
    )


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a kernel of IPython has loaded."""
    shell = type("ZMQInteractiveShell", (), {})()
    module = ModuleType("IPython")
    module.get_ipython = lambda: shell  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", module)
    monkeypatch.setitem(sys.modules, "ipykernel", ModuleType("ipykernel"))
    monkeypatch.delenv(SWITCH, raising=False)


def test_outside_a_notebook_there_is_a_bar_only_when_asked_for() -> None:
    assert not in_notebook()
    assert not is_shown(progress=None)
    assert is_shown(progress=True)
    assert not is_shown(progress=False)


@pytest.mark.usefixtures("notebook")
def test_in_a_notebook_there_is_one_unless_it_is_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_shown(progress=None)
    assert not is_shown(progress=False)
    monkeypatch.setenv(SWITCH, "off")
    assert not is_shown(progress=None)
    assert is_shown(progress=True)


@pytest.mark.usefixtures("notebook")
def test_a_notebook_without_widgets_goes_without_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interactive, "find_spec", lambda name: None)
    assert not is_shown(progress=None)
    assert not is_shown(progress=True)


def test_the_bar_is_drawn_on_standard_error(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # for rich this is a terminal
    with bar("storm", progress=True) as listener:
        assert listener is not None
        listener(reading())
    out, err = capsys.readouterr()
    assert out == ""
    assert "storm" in err


def test_a_reading_says_how_many_are_done_and_how_long_the_rest_takes() -> None:
    assert in_words(reading()) == "1/4 runs, 5 s left"
    assert in_words(reading(left_s=None)) == "1/4 runs"


def test_a_comparison_with_a_bar_finds_what_it_finds_without(scenario: Scenario, runner: Any) -> None:
    plain = compare(scenario, strategies=["in-transaction", "deferred"], runner=runner, workers=1, replications=5)
    shown = compare(
        scenario, strategies=["in-transaction", "deferred"], runner=runner, workers=1, replications=5, progress=True
    )
    assert shown.summary() == plain.summary()  # type: ignore[union-attr]


def test_who_listens_already_goes_on_listening(scenario: Scenario, runner: Any) -> None:
    heard: list[Progress] = []
    settings = Settings(runner=runner, workers=1, replications=2, on_progress=heard.append)
    compare(scenario, strategies=["deferred"], settings=settings, progress=True)
    assert heard[-1].replications_done == 2


def test_a_sweep_takes_a_bar_too(
    scenario: Scenario, runner: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("FORCE_COLOR", "1")
    vary = {"api.processes": [1, 2]}
    asked = {"strategies": ["deferred"], "runner": runner, "workers": 1, "replications": 2}
    found = sweep(scenario, vary=vary, progress=True, cache=OutcomeCache(tmp_path), **asked)
    assert len(found.points) == 2
    assert scenario.name in capsys.readouterr().err


@pytest.mark.usefixtures("notebook")
def test_a_comparison_shows_itself_with_its_verdict_and_its_numbers(scenario: Scenario, runner: Any) -> None:
    found = compare(
        scenario, strategies=["in-transaction", "deferred"], runner=runner, workers=1, replications=5, progress=False
    )
    shown = found._repr_html_()
    assert "deferred is better" in shown
    assert shown.count("<table>") == 1
    assert "latency_s.create_port.p95" in shown


def test_what_is_printed_of_a_comparison_holds_no_address(scenario: Scenario, runner: Any) -> None:
    found = compare(scenario, strategies=["in-transaction", "deferred"], runner=runner, workers=1, replications=5)
    assert repr(found).startswith("<comparison of by_hand: latency_s.create_port.p95: deferred is better")
