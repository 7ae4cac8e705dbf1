"""The API server in real time: one backlog for all processes, dealt as a shared accept socket deals it.

It stands where `sim.model.api.ApiServer` stands in virtual time. Which of several processes with a free worker gets a
request is drawn by the request, as there.
"""

from collections import deque
from collections.abc import Callable

from sim.model.requests import Request
from sim.wall.crew import Crew, Life, Thread
from sim.wall.requests import packed
from sim.wall.wire import REQUEST

Levels = Callable[[str, int, int], None]


class WallServer:
    """Deals requests to the crew's workers."""

    def __init__(self, crew: Crew, *, uniform: Callable[[Request], float], levels: Levels) -> None:
        self._crew = crew
        self._uniform = uniform
        self._levels = levels
        self.backlog: deque[Request] = deque()
        self._busy = 0

    def submit(self, request: Request) -> None:
        """A request reaches the socket."""
        ready = [life for life in self._crew.living() if life.idle]
        if ready:
            self._deal(ready[int(self._uniform(request) * len(ready))], request)
        else:
            self.backlog.append(request)
        self._changed()

    def _deal(self, life: Life, request: Request) -> None:
        thread = life.idle.popleft()
        thread.request = request
        request.api_process = life.number
        self._busy += 1
        thread.send(REQUEST, packed(request))  # where it is gone, its end is noticed when it is read

    def free(self, thread: Thread) -> None:
        """A worker has answered."""
        thread.request = None
        self._busy -= 1
        thread.life.idle.append(thread)
        self.serve_backlog()

    def serve_backlog(self) -> None:
        """Deals what waits, as far as workers are free."""
        if self.backlog:
            for life in self._crew.living():
                while self.backlog and life.idle:
                    self._deal(life, self.backlog.popleft())
        self._changed()

    def lost(self, requests: int) -> None:
        """So many workers are gone with their requests."""
        self._busy -= requests
        self._changed()

    def _changed(self) -> None:
        self._levels("api.workers", self._busy, len(self.backlog))
