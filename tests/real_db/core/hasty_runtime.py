"""The real runtime in a hurry: back-offs take milliseconds."""

import time

from core.runtime import RealRuntime


class HastyRuntime(RealRuntime):
    """Sleeps a hundredth of what it is asked to, and writes down what that was."""

    def __init__(self) -> None:
        super().__init__()
        self.sleeps: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        time.sleep(seconds / 100)
