"""`from sim import ...`: what it offers, and what it costs."""

import json
import subprocess
import sys
import time

import pytest

import sim

HEAVY = ("pandas", "scipy", "matplotlib", "pyarrow", "numpy")
LIMIT_S = 5.0  # far above the 0.4 s that it takes alone on a quiet machine: other tests run beside this one


def loaded_after(code: str) -> set[str]:
    """The modules that a fresh interpreter has loaded after running the code."""
    program = f"import sys, json\n{code}\nsys.stderr.write(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(json.loads(done.stderr))


@pytest.mark.parametrize(
    "code",
    [
        "import sim",
        "from sim.cli import main; main(['--help'])",
        "from sim.cli import main; main(['export', '--help'])",
    ],
)
def test_importing_and_help_load_no_numerical_library_and_are_quick(code: str) -> None:
    began = time.perf_counter()
    loaded = loaded_after(code)
    assert time.perf_counter() - began < LIMIT_S
    assert loaded.isdisjoint(HEAVY)
    assert "sim" in loaded


@pytest.mark.parametrize("name", sim.__all__)
def test_everything_that_the_door_offers_can_be_called(name: str) -> None:
    assert callable(getattr(sim, name))


def test_the_doors_docstring_names_everything_that_it_offers() -> None:
    assert [name for name in sim.__all__ if name not in (sim.__doc__ or "")] == []


def test_a_name_that_it_does_not_offer_is_told_with_those_that_it_does() -> None:
    with pytest.raises(AttributeError, match=r"no attribute 'simulate'; it offers check, compare, .*"):
        sim.simulate  # noqa: B018


def test_the_experiments_and_tables_of_the_terminal_load_no_library_that_they_need_later() -> None:
    loaded = loaded_after("import sim.experiment, sim.results, sim.report.terminal")
    assert loaded.isdisjoint({"pandas", "scipy", "pyarrow", "matplotlib"})
