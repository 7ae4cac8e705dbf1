"""Which URLs are understood: the scheme, the driver that it needs, and how a URL is shown."""

from importlib import import_module

from sim.servers.errors import NotInstalled, ServerError

KINDS = {"postgresql+psycopg": "postgresql", "mysql+pymysql": "mariadb", "mariadb+pymysql": "mariadb"}
DRIVERS = {"postgresql": "psycopg", "mariadb": "pymysql"}
CONNECT_TIMEOUT_S = 10
"""How long making a connection may take, in seconds, unless the URL says `connect_timeout`. PyMySQL's default."""

_SECRETS = ("password", "passwd")


def kind_of(url: str) -> str:
    """postgresql or mariadb; ServerError for what is no URL or has another scheme."""
    scheme, separator, _ = url.partition("://")
    if separator and scheme in KINDS:
        return KINDS[scheme]
    shown = hidden(url) if separator else repr(url)
    raise ServerError(
        f"--database {shown} is not understood: give postgresql, mariadb, or a URL that begins with"
        " postgresql+psycopg:// or mysql+pymysql://"
    )


def check_driver(kind: str) -> None:
    """NotInstalled if the driver of this kind of database is not installed or does not load."""
    driver = DRIVERS[kind]
    try:
        import_module(driver)
    except ImportError as error:
        why = str(error).splitlines()[0]
        raise NotInstalled(
            f"{kind} needs the driver {driver}, which cannot be imported ({why}): install bindsim[{kind}]"
        ) from error


def hidden(url: str) -> str:
    """The URL as messages show it: without its password. What cannot be read as a URL shows its scheme only."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        return f"{url.partition('://')[0]}://..."
    secrets = {name: "***" for name in _SECRETS if name in parsed.query}
    return parsed.update_query_dict(secrets).render_as_string(hide_password=True)
