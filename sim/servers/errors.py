"""The one error of this package."""


class ServerError(Exception):
    """A server or a database that cannot be had or used; one sentence that says why and what to do."""
