"""A runtime whose time passes only when somebody sleeps, and whose ids count up. Nothing sleeps for real."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class FakeRuntime:
    """Records sleeps and locks; `while_sleeping` holds actions of others, one run during each following sleep."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.sleeps: list[float] = []
        self.locks: list[str] = []
        self.spawned: list[tuple[str, Callable[[], None]]] = []
        self.while_sleeping: deque[Callable[[], object]] = deque()
        self.next_ids: deque[str] = deque()
        self._ids = 0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.time += seconds
        if self.while_sleeping:
            self.while_sleeping.popleft()()

    def new_id(self) -> str:
        if self.next_ids:
            return self.next_ids.popleft()
        self._ids += 1
        return f"{self._ids:08x}-0000-4000-8000-{self._ids:012x}"

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        self.locks.append(f"take {name}")
        try:
            yield
        finally:
            self.locks.append(f"give {name}")

    def spawn(self, task: Callable[[], None], *, name: str) -> None:
        self.spawned.append((name, task))
