"""Real databases for a run: private servers, somebody's server by URL, and a schema that is ours alone.

    with opened("postgresql") as database:
        EngineConnections(database.engine()).create_tables()

`opened` gives a RunDatabase; its `address` can be sent to other processes, each of which makes its own engine. Nothing
of it is left afterwards; what a killed run left goes at the next start. ServerError says what cannot be had. Imports
neither a driver nor SQLAlchemy before a database is opened.
"""

from sim.servers.address import ServerAddress
from sim.servers.errors import NotInstalled, ServerError
from sim.servers.opening import PRIVATE, opened
from sim.servers.run_database import RunDatabase

__all__ = ["PRIVATE", "NotInstalled", "RunDatabase", "ServerAddress", "ServerError", "opened"]
