"""bindsim run --storage: what is refused before any server is started."""

import pytest

from tests.sim.conftest import Said


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--storage", "oracle"), "--storage 'oracle' is not understood: give postgresql, mariadb, or a URL"),
        (("--storage", "sqlite:///rows.db"), "--storage sqlite:///rows.db is not understood"),
        (
            ("--set", "database.profile=postgresql", "--storage", "mariadb"),
            "--storage mariadb: MariaDB cannot hold the rows of a database with profile postgresql, which has other"
            " locks; it can with innodb, sqlite (database.profile)",
        ),
        (
            ("--engine", "wall", "--database", "mariadb", "--storage", "postgresql"),
            "--storage is for virtual time; with --engine wall the --database holds the rows",
        ),
    ],
)
def test_what_cannot_be_is_refused(said: Said, options: tuple[str, ...], told: str) -> None:
    status, out, err = said("run", "hot_port", *options)
    assert (status, out) == (2, "")
    assert told in " ".join(err.split())


def test_a_cluster_is_refused(said: Said) -> None:
    status, _, err = said("run", "galera_writers", "--storage", "postgresql")
    assert status == 2
    assert "profile galera" in err
