"""Which URLs are understood, what is missing for one, and that no message shows a password."""

import sys

import pytest

from sim.servers import ServerError
from sim.servers.urls import check_driver, hidden, kind_of


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("postgresql+psycopg://u:p@h/d", "postgresql"),
        ("mysql+pymysql://u:p@h/d", "mariadb"),
        ("mariadb+pymysql://u:p@h/d", "mariadb"),
    ],
)
def test_a_scheme_has_one_kind(url: str, kind: str) -> None:
    assert kind_of(url) == kind


@pytest.mark.parametrize(
    "url", ["oracle", "sqlite:///x.db", "postgresql://u:secret@h/d", "postgresql+psycopg2://u:secret@h/d", "mysql+x://"]
)
def test_another_is_named_with_what_is_allowed_and_without_its_password(url: str) -> None:
    with pytest.raises(ServerError, match=r"is not understood: give postgresql, mariadb, or a URL that begins") as told:
        kind_of(url)
    assert "secret" not in str(told.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("mysql+pymysql://u:secret@h/d", "mysql+pymysql://u:***@h/d"),
        ("mysql+pymysql://u@h/d?password=secret&charset=utf8", "mysql+pymysql://u@h/d?charset=utf8&password=%2A%2A%2A"),
        ("postgresql+psycopg://u:secret@h:port/d", "postgresql+psycopg://..."),
    ],
)
def test_a_password_is_hidden_wherever_it_stands(url: str, shown: str) -> None:
    assert hidden(url) == shown


@pytest.mark.parametrize(("kind", "driver"), [("postgresql", "psycopg"), ("mariadb", "pymysql")])
def test_a_missing_driver_is_named_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch, kind: str, driver: str
) -> None:
    monkeypatch.setitem(sys.modules, driver, None)
    with pytest.raises(ServerError, match=rf"{kind} needs the driver {driver}, .*: install bindsim\[{kind}\]"):
        check_driver(kind)
