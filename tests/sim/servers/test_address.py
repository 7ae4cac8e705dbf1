"""An address says where the tables are, travels to other processes and keeps its password to itself."""

import pickle
from dataclasses import replace

import pytest

from sim.servers import ServerAddress

pytest.importorskip("psycopg", reason="needs bindsim[postgresql]")
pytest.importorskip("pymysql", reason="needs bindsim[mariadb]")

POSTGRESQL = ServerAddress(
    url="postgresql+psycopg://u:secret@h/d", kind="postgresql", schema="bindsim_x", isolation="serializable"
)
MARIADB = ServerAddress(
    url="mysql+pymysql://u:secret@h/other", kind="mariadb", schema="bindsim_x", isolation="read_committed"
)


def arguments(address: ServerAddress) -> dict[str, object]:
    """What the driver is called with."""
    _, own = address._target()
    engine = address.engine()
    return dict(engine.dialect.create_connect_args(engine.url)[1]) | own


@pytest.mark.parametrize("address", [POSTGRESQL, MARIADB], ids=lambda address: address.kind)
def test_it_can_be_sent_to_another_process_and_shows_no_password(address: ServerAddress) -> None:
    assert pickle.loads(pickle.dumps(address)) == address
    assert "secret" not in f"{address} {address!r}"
    assert str(address).startswith("bindsim_x on ")


def test_postgresqls_sessions_carry_the_runs_name_and_find_its_schema() -> None:
    own = arguments(POSTGRESQL)
    assert (own["application_name"], own["options"]) == ("bindsim_x", "-c search_path=bindsim_x")
    assert (own["dbname"], own["connect_timeout"]) == ("d", 10)


def test_what_a_url_asks_for_is_kept() -> None:
    own = arguments(replace(POSTGRESQL, url=f"{POSTGRESQL.url}?options=-c%20work_mem%3D8MB&connect_timeout=3"))
    assert own["options"] == "-c work_mem=8MB -c search_path=bindsim_x"
    assert own["connect_timeout"] == "3"


def test_mariadbs_sessions_are_in_the_runs_database_whatever_the_url_names() -> None:
    own = arguments(MARIADB)
    assert (own["database"], own["host"], own["connect_timeout"]) == ("bindsim_x", "h", 10)


def test_an_engine_has_the_pool_that_was_asked_for_and_connects_to_nobody_yet() -> None:
    engine = MARIADB.engine(size=3, max_overflow=2, timeout_s=1.5)
    assert engine.pool.status().startswith("Pool size: 3")
    assert (engine.pool.timeout(), engine.pool._max_overflow) == (1.5, 2)  # type: ignore[attr-defined]
