"""The errors of this package."""


class ServerError(Exception):
    """A server or a database that cannot be had or used; one sentence that says why and what to do."""


class NotInstalled(ServerError):
    """A program or package that a kind of database needs is missing; the sentence says what to install."""
