"""The server's cores: equal ones with one queue, in order of arrival. Used by the server; no data here.

How long a statement executes is known when it arrives, so the queue needs no queue: whoever arrives takes the core that
is free first and sleeps once, to the end of its own execution. A statement whose client dies is executed to its end.
"""

from heapq import heapreplace

from sim.kernel import FifoResource, Kernel


class Cores:
    """`count` cores; None means as many as needed."""

    def __init__(self, kernel: Kernel, count: int | None) -> None:
        if count is not None and count < 1:
            raise ValueError(f"the database's cores are {count}; there must be at least 1")
        self._kernel = kernel
        self._clock = kernel.clock
        self._free_us = None if count is None else [0] * count  # when each core has done what has arrived; a heap

    def execute(self, duration_us: int) -> None:
        """Suspends the current process until a core has worked on its statement for this long."""
        free_us = self._free_us
        if free_us is None:
            self._kernel.sleep_us(duration_us, "db.execution")
            return
        now_us = self._clock.now_us
        begins_us = free_us[0]
        ends_us = (begins_us if begins_us > now_us else now_us) + duration_us
        heapreplace(free_us, ends_us)
        self._kernel.sleep_us(ends_us - now_us, "db.execution")


class SharedCores:
    """Cores of a machine on which others compute too; `places` is the one queue of all of them.

    What had to wait for its core takes `busy_factor` of its time: the core is awake and its caches are warm.
    """

    def __init__(self, kernel: Kernel, count: int, *, busy_factor: float = 1.0) -> None:
        self.places = FifoResource(kernel, "cores", count)
        self._kernel = kernel
        self._busy_factor = busy_factor

    def execute(self, duration_us: int, point: str = "db.execution") -> None:
        """Suspends the current process until a core has worked for it this long."""
        if self.places.acquire("core"):
            duration_us = round(duration_us * self._busy_factor)
        self._kernel.sleep_us(duration_us, point)
        self.places.release()
