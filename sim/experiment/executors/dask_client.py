"""A Dask client that leaves nothing behind when it cannot connect. Used by sim.experiment.executors.cluster."""

from typing import Any

from distributed import Client


class WholeClient(Client):
    """Connects, or raises and has ended the thread that it had begun.

    Dask leaves a client that could not connect to the garbage collector. Collected while the next client is being made,
    it waits for a lock that the same thread holds, for ever.
    """

    def start(self, **kwargs: Any) -> None:
        """Raises OSError or ValueError when no scheduler answers."""
        try:
            super().start(**kwargs)  # type: ignore[no-untyped-call]
        except BaseException:
            self.close()  # type: ignore[no-untyped-call]
            self._loop_runner.stop()
            raise
