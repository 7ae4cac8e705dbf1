"""Prints what the kernel's steps cost: python tests/sim/kernel/measure_kernel.py

The fastest of many short turns, with SimPy alone in between: a busy machine then spoils neither figures nor ratio.
"""

from collections.abc import Callable
from time import perf_counter
from timeit import Timer

import simpy

from sim.kernel import (
    Constant,
    Distribution,
    Draws,
    Empirical,
    Exponential,
    FifoResource,
    Gamma,
    Kernel,
    Lognormal,
    Mixture,
    Pareto,
)

PROCESSES = 100  # four API processes with 25 threads
TURNS = 40
EVENTS = 20_000  # events in a turn


def timeouts_of_simpy() -> Callable[[], object]:
    env = simpy.Environment()

    def generator() -> object:
        for _ in range(EVENTS // PROCESSES):
            yield env.timeout(7)

    for _ in range(PROCESSES):
        env.process(generator())
    return env.run


def started(kernel: Kernel, task: Callable[[], None], *, processes: int = PROCESSES) -> Callable[[], object]:
    for number in range(processes):
        kernel.start(task, name=str(number))
    return kernel.run


def sleeps() -> Callable[[], object]:
    kernel = Kernel()

    def task() -> None:
        for _ in range(EVENTS // PROCESSES):
            kernel.sleep_us(7, "nap")

    return started(kernel, task)


def free_places() -> Callable[[], object]:
    kernel = Kernel()
    cpu = FifoResource(kernel, "cpu", PROCESSES)

    def task() -> None:
        for _ in range(EVENTS // PROCESSES):
            cpu.acquire("cpu")
            cpu.release()

    return started(kernel, task)


def queued_places() -> Callable[[], object]:
    kernel = Kernel()
    cpu = FifoResource(kernel, "cpu", 1)

    def task() -> None:
        for _ in range(EVENTS // PROCESSES):
            cpu.acquire("cpu")
            kernel.sleep_us(7, "work")
            cpu.release()

    return started(kernel, task)


def short_processes() -> Callable[[], object]:
    return started(Kernel(), lambda: None, processes=EVENTS)


def rate_of(prepare: Callable[[], Callable[[], object]]) -> float:
    run = prepare()
    began = perf_counter()
    run()
    return EVENTS / (perf_counter() - began)


def print_rates() -> None:
    preparations = (timeouts_of_simpy, sleeps, free_places, queued_places, short_processes)
    best = dict.fromkeys(preparations, 0.0)
    for _ in range(TURNS):
        for prepare in preparations:
            best[prepare] = max(best[prepare], rate_of(prepare))
    for prepare, rate in best.items():
        print(f"{prepare.__name__:18} {rate / 1e6:6.2f} million/s {rate / best[timeouts_of_simpy]:6.2f} of SimPy")


def cost_ns(call: Callable[[], object]) -> float:
    empty = min(Timer(lambda: None).timeit(1_000) for _ in range(TURNS))
    return (min(Timer(call).timeit(1_000) for _ in range(TURNS)) - empty) * 1e6


def print_draws() -> None:
    draws, purpose = Draws(1), Draws.purpose("bind")
    print(f"uniform, key of 3  {cost_ns(lambda: draws.uniform(purpose, 12345, 2, 1)):6.0f} ns")
    print(f"uuid, key of 2     {cost_ns(lambda: draws.uuid(purpose, 12345, 2)):6.0f} ns")
    heavy, light = Lognormal(median_s=2.0, p95_s=10.0), Lognormal(median_s=0.05, p95_s=0.1)
    shapes: tuple[Distribution, ...] = (
        Constant(0.5), Exponential(0.5), light, Pareto(0.1, 2.5), Empirical((0.1, 0.2, 0.5)), Gamma(0.5, 0.7),
        Mixture(((95, light), (5, heavy))),
    )  # fmt: skip
    for shape in shapes:
        print(f"{type(shape).__name__:18} {cost_ns(lambda shape=shape: shape.quantile_us(0.37)):6.0f} ns a draw")


if __name__ == "__main__":
    print_rates()
    print_draws()
