"""Every error of the kernel. Raised by the kernel and its resources; this module imports nothing of the simulator."""


class KernelError(Exception):
    """The base of the kernel's errors, apart from ``ProcessDied``."""


class OutsideProcess(KernelError):
    """Something that may wait was called where there is no simulated process to suspend."""

    def __init__(self) -> None:
        super().__init__(
            "this call may wait in virtual time, so it works only inside a simulated process: run it in a task "
            "given to Kernel.start(). Set-up code, timer callbacks (Kernel.at) and on_change hooks are outside."
        )


class ResumedDead(KernelError):
    """Something tried to resume a process that has ended or was killed."""


class NotHolder(KernelError):
    """A resource was released by a process that does not hold it."""


class AcquireTimeout(KernelError):
    """``FifoResource.acquire`` waited for its whole timeout; ``waited_us`` tells how long."""

    def __init__(self, name: str, waited_us: int) -> None:
        super().__init__(f"waited {waited_us / 1e6:g} s for '{name}' without getting it")
        self.waited_us = waited_us


class VirtualTimeExceeded(KernelError):
    """The run reached the kernel's ``max_virtual_us`` with events still to come."""


class Stalled(KernelError):
    """Nothing can happen any more and processes wait for each other; ``cycles`` names them, one sentence a process."""

    def __init__(self, cycles: list[list[str]]) -> None:
        super().__init__("nothing can happen any more: " + " | ".join("; ".join(cycle) for cycle in cycles))
        self.cycles = cycles


class ProcessDied(BaseException):
    """The calling process was killed: the call has no effect and takes no time.

    A ``BaseException``, because a killed process executes no error handling; only ``finally`` blocks see it.
    """
