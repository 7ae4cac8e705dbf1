"""The wall-clock engine: the same scenario in real time, on a real database, with processes and threads.

    with opened("postgresql") as database:
        run(load_scenario("hot_port"), database=database, strategy="deferred")

API processes are operating-system processes with threads in each; drivers sleep for real; clients and controllers are
those of virtual time, on a kernel that follows the machine's clock. What it gives is the same Run, with the same tables
and history.
"""

from sim.wall.crew import WallError
from sim.wall.run import run
from sim.wall.support import unsupported
from sim.wall.time_scale import scaled_in_time

__all__ = ["WallError", "run", "scaled_in_time", "unsupported"]
