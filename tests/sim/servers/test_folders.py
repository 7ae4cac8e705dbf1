"""Folders of private servers: theirs while their owner lives, gone when it is dead, and nobody else's ever."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.servers.errors import ServerError
from sim.servers.folders import ServerFolder, sweep


@pytest.fixture(autouse=True)
def base(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A temporary directory with a short name."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


def abandoned(kind: str = "mariadb") -> Path:
    """A folder whose owner has died."""
    code = f"from sim.servers.folders import ServerFolder as F; f = F.made({kind!r}); print(f.path); f._owner.detach()"
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "TMPDIR": tempfile.gettempdir()}, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    return Path(done.stdout.strip())


def test_a_folder_of_the_living_stays_and_one_of_the_dead_goes() -> None:
    ours, dead = ServerFolder.made("postgresql"), abandoned()
    (dead / "data").mkdir()
    (dead / "data" / "file").write_text("rows")
    sweep()
    assert (ours.path.exists(), dead.exists()) == (True, False)
    ours.remove()
    assert not ours.path.exists()


def test_others_may_pass_through_a_folder_whatever_the_umask(base: Path) -> None:
    before = os.umask(0o077)
    try:
        folder = ServerFolder.made("postgresql")
    finally:
        os.umask(before)
    assert [place.stat().st_mode & 0o777 for place in (folder.path, folder.path.parent)] == [0o711, 0o711]
    folder.remove()


def test_what_is_not_named_like_a_folder_of_ours_stays(base: Path) -> None:
    ServerFolder.made("mariadb").remove()
    (registry,) = base.iterdir()
    (registry / "somebodys").mkdir()
    sweep()
    assert (registry / "somebodys").exists()


def test_a_process_that_only_names_a_folder_is_not_ended() -> None:
    dead = abandoned()
    code = "import sys; print('ready', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, f"--datadir={dead}/data"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        sweep()
        assert other.poll() is None
        other.communicate()
    assert not dead.exists()


def test_a_script_that_makes_a_server_is_ended_and_writes_nothing_afterwards(tmp_path: Path) -> None:
    folder = ServerFolder.made("mariadb")
    data = folder.path / "data"
    data.mkdir()
    script = tmp_path / "mariadb-install-db"
    script.write_text("echo ready; read _; mkdir -p $1; touch $1/mysql_upgrade_info")
    with subprocess.Popen(
        ["/bin/sh", script, data, f"--datadir={data}/"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as making:  # fmt: skip
        assert making.stdout is not None
        making.stdout.readline()
        folder.remove()
        making.communicate(b"go on\n")
    assert not folder.path.exists()


def test_a_registry_that_leads_elsewhere_is_not_followed(base: Path, tmp_path: Path) -> None:
    (tmp_path / "mariadb-1-abcdef").mkdir()
    (base / f"bindsim-servers-{os.getuid()}").symlink_to(tmp_path)
    sweep()
    assert (tmp_path / "mariadb-1-abcdef").exists()
    with pytest.raises(ServerError, match="is not a folder of this user; set TMPDIR"):
        ServerFolder.made("mariadb")


def test_a_long_temporary_directory_is_not_used(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = base / ("x" * 100)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    folder = ServerFolder.made("mariadb")
    assert not folder.path.is_relative_to(long)
    folder.remove()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's servers run as another user")
def test_a_temporary_directory_that_is_roots_alone_is_not_used(base: Path) -> None:
    base.chmod(0o700)
    folder = ServerFolder.made("postgresql")
    assert not folder.path.is_relative_to(base)
    folder.remove()
