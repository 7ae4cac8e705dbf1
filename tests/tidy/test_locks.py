"""The lock files: exact pins and nothing else, each a whole closure because pip installs it unresolved."""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.tidy.source_tree import ROOT

RUN = ROOT / "requirements.lock"
NOTEBOOKS = ROOT / "requirements-notebooks.lock"
DATABASES = ROOT / "requirements-databases.lock"
DEV = ROOT / "requirements-dev.lock"
NEUTRON = ROOT / "requirements-neutron.lock"  # tests/sim/neutron_drivers says whether it is a whole closure
PIN = re.compile(r"[A-Za-z0-9][\w.-]*==[\w.!+]+")


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]


def _pins(*paths: Path) -> dict[str, str]:
    pairs = (line.split("==") for path in paths for line in _lines(path) if "==" in line)
    return {canonicalize_name(name): version for name, version in pairs}


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _missing_from(pins: dict[str, str]) -> list[str]:
    """What the pinned packages ask for on this machine and do not find pinned in a fitting version."""
    asked = [(name, Requirement(text)) for name in pins for text in requires(name) or []]
    here = [(name, wish) for name, wish in asked if wish.marker is None or wish.marker.evaluate({"extra": ""})]
    return [f"{name} asks for {wish}" for name, wish in here if not _fits(wish, pins)]


def _fits(wish: Requirement, pins: dict[str, str]) -> bool:
    version = pins.get(canonicalize_name(wish.name))
    return version is not None and wish.specifier.contains(version, prereleases=True)


def test_the_lock_for_running_holds_exact_pins_only() -> None:
    assert [line for line in _lines(RUN) if not PIN.fullmatch(line)] == []


@pytest.mark.parametrize(
    ("lock", "bases"),
    [(NOTEBOOKS, [RUN]), (DATABASES, [RUN]), (NEUTRON, [RUN]), (DEV, [NOTEBOOKS, DATABASES])],
    ids=["notebooks", "databases", "neutron", "dev"],
)
def test_a_lock_adds_exact_pins_to_those_below_it(lock: Path, bases: list[Path]) -> None:
    lines = _lines(lock)
    assert lines[: len(bases)] == [f"-r {base.name}" for base in bases]
    assert [line for line in lines[len(bases) :] if not PIN.fullmatch(line)] == []


@pytest.mark.parametrize(
    "paths",
    [[RUN, NOTEBOOKS, DEV], [RUN, DATABASES, DEV], [RUN, NEUTRON]],
    ids=["notebooks", "databases", "neutron"],
)
def test_no_package_is_pinned_twice_on_the_way_to_a_lock(paths: list[Path]) -> None:
    names = [canonicalize_name(line.split("==")[0]) for path in paths for line in _lines(path) if "==" in line]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize(
    ("one", "other"), [(NOTEBOOKS, DATABASES), (NEUTRON, NOTEBOOKS), (NEUTRON, DATABASES), (NEUTRON, DEV)]
)
def test_what_two_locks_both_need_has_one_version(one: Path, other: Path) -> None:
    pins, others = _pins(one), _pins(other)
    assert {name: pins[name] for name in pins.keys() & others.keys()}.items() <= others.items()


@pytest.mark.parametrize(
    "paths",
    [[RUN], [RUN, NOTEBOOKS], [RUN, DATABASES], [RUN, NOTEBOOKS, DATABASES, DEV]],
    ids=["run", "notebooks", "databases", "dev"],
)
def test_a_lock_is_a_whole_closure(paths: list[Path]) -> None:
    try:
        assert _missing_from(_pins(*paths)) == []
    except PackageNotFoundError as missing:
        pytest.fail(f"{missing.name} is pinned but not installed: run make test")


def test_the_lock_fits_what_the_project_declares(project: dict[str, Any]) -> None:
    pins = _pins(RUN)
    declared = [Requirement(text) for text in project["project"]["dependencies"]]
    assert [str(wish) for wish in declared if not _fits(wish, pins)] == []


@pytest.mark.parametrize(
    ("extra", "paths"),
    [
        ("postgresql", [RUN, DATABASES]),
        ("mariadb", [RUN, DATABASES]),
        ("notebooks", [RUN, NOTEBOOKS]),
        ("neutron", [RUN, NEUTRON]),
    ],
)
def test_a_lock_has_what_an_extra_asks_for(project: dict[str, Any], extra: str, paths: list[Path]) -> None:
    declared = [Requirement(text) for text in project["project"]["optional-dependencies"][extra]]
    assert [str(wish) for wish in declared if not _fits(wish, _pins(*paths))] == []


def test_the_build_backend_is_pinned(project: dict[str, Any]) -> None:
    assert [text for text in project["build-system"]["requires"] if not PIN.fullmatch(text)] == []


def test_the_project_cannot_be_uploaded_by_mistake(project: dict[str, Any]) -> None:
    assert "Private :: Do Not Upload" in project["project"]["classifiers"]
