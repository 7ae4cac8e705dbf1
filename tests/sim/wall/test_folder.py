"""The folder of a run is gone afterwards, and one that a killed run has left at the next."""

import fcntl
import tempfile
from pathlib import Path

import pytest

from sim.wall.folder import run_folder


@pytest.fixture(autouse=True)
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go; a short path, as a socket's may not be long."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr("sim.wall.folder._LONGEST_BASE", 1_000)
    return tmp_path


def _left(base: Path) -> Path:
    folder = base / "bindsim-run-left"
    folder.mkdir()
    (folder / "owner").touch()
    (folder / "api-0-0.log").touch()
    return folder


def test_it_is_gone_afterwards_also_after_an_error(base: Path) -> None:
    def fail() -> None:
        with run_folder() as folder:
            assert folder.parent == base
            (folder / "log").touch()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert list(base.iterdir()) == []


def test_what_a_killed_run_has_left_is_removed(base: Path) -> None:
    _left(base)
    with run_folder() as folder:
        assert list(base.iterdir()) == [folder]


def test_the_folder_of_a_run_that_lives_stays(base: Path) -> None:
    folder = _left(base)
    with (folder / "owner").open() as owner:
        fcntl.flock(owner, fcntl.LOCK_EX)
        with run_folder():
            assert (folder / "api-0-0.log").exists()


def test_one_that_is_just_being_made_stays(base: Path) -> None:
    (base / "bindsim-run-new").mkdir()
    with run_folder():
        assert (base / "bindsim-run-new").exists()


def test_two_runs_at_once_have_one_each() -> None:
    with run_folder() as one, run_folder() as other:
        assert one != other
        assert one.exists()


def test_a_long_temporary_path_is_not_used_since_a_sockets_cannot_be_long(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.wall.folder._LONGEST_BASE", 5)
    with run_folder() as folder:
        assert folder.parent == Path("/tmp")
    assert base.exists()
