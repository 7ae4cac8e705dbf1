"""What a driver must not do in virtual time is found, whatever it is called, and nothing is replaced outside."""

import asyncio
import os
import select
import socket
import subprocess
import sys
import threading
import time
from time import sleep as doze

import pytest

from sim.neutron_drivers import DriverStopped
from sim.neutron_drivers.blocking import blocking_swaps
from sim.neutron_drivers.call import Call
from sim.neutron_drivers.guard import current_call, inside, outside
from tests.sim.neutron_drivers import fake_drivers
from tests.sim.neutron_drivers.switchboard import Switchboard, fake


def udp() -> socket.socket:
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


def connects() -> None:
    with udp() as made:
        made.connect(("192.0.2.1", 9))


def sends() -> None:
    with udp() as made:
        made.sendto(b"", ("192.0.2.1", 9))


BLOCKING = {
    "time.sleep": lambda: time.sleep(1),
    "time.sleep by another name": lambda: doze(1),
    "threading.Event.wait": lambda: threading.Event().wait(),
    "threading.Condition.wait of a semaphore": lambda: threading.Semaphore(0).acquire(),
    "select.select": lambda: select.select([], [], []),
    "socket.socket.connect": connects,
    "socket.socket.sendto": sends,
    "socket.create_connection": lambda: socket.create_connection(("192.0.2.1", 9)),
    "socket.getaddrinfo": lambda: socket.getaddrinfo("switch.invalid", 22),
    "selectors.EpollSelector.select of an event loop": lambda: asyncio.run(asyncio.sleep(1)),
    "os.system": lambda: os.system("true"),
}

STARTING = {
    "threading.Thread.start": lambda: threading.Thread(target=print).start(),
    "subprocess.Popen": lambda: subprocess.Popen(["true"]),
}


def held(action) -> None:
    with inside(Call("vendor", "bind_port"), blocking_swaps()):
        action()


@pytest.mark.parametrize("what", BLOCKING)
def test_what_would_wait_is_stopped_and_named(what) -> None:
    called = what.split(" ")[0]
    with pytest.raises(DriverStopped, match=f"^driver vendor, bind_port: calls {called}, which virtual time cannot"):
        held(BLOCKING[what])


@pytest.mark.parametrize("called", STARTING)
def test_what_would_run_beside_virtual_time_is_stopped_and_named(called) -> None:
    with pytest.raises(
        DriverStopped, match=f"^driver vendor, bind_port: calls {called}, and what that starts would run"
    ):
        held(STARTING[called])


def test_what_does_not_wait_goes_through() -> None:
    ended = threading.Thread(target=int)
    ended.start()
    ended.join()

    def harmless() -> None:
        time.sleep(0)
        assert fake_drivers.SET.wait()
        assert not threading.Event().wait(0)
        ended.join()
        udp().close()
        for free in (threading.Semaphore(1), threading.Lock(), threading.RLock()):
            free.acquire()
        assert select.select([], [], [], 0) == ([], [], [])

    held(harmless)


def places() -> list[object]:
    own = sys.modules[__name__]
    return [
        time.sleep, own.doze, fake_drivers.doze, select.select, socket.create_connection, socket.getaddrinfo,
        threading.Event.__dict__["wait"], threading.Thread.__dict__["start"], subprocess.Popen.__dict__["__init__"],
        "connect" in socket.socket.__dict__,
    ]  # fmt: skip


def test_nothing_is_replaced_outside_nor_while_the_driver_calls_back() -> None:
    before = places()
    within: list[list[object]] = []

    def looks() -> None:
        within.append(places())
        with outside():
            assert current_call() is None
            within.append(places())
        within.append(places())

    held(looks)
    assert within[1] == before == places()
    assert all(now != then for now, then in zip(within[0], before, strict=True))
    assert within[2] == within[0]


def test_everything_is_put_back_after_an_error_too() -> None:
    before = places()
    with pytest.raises(DriverStopped):
        held(lambda: time.sleep(1))
    assert places() == before
    assert current_call() is None


def test_other_threads_are_left_alone() -> None:
    looked: list[object] = []
    go, done = threading.Event(), threading.Event()

    def other() -> None:
        go.wait(10)
        looked.append(time.sleep(0.001))
        done.set()

    thread = threading.Thread(target=other)
    thread.start()

    def spins() -> None:
        go.set()
        until = time.monotonic() + 10
        while not done.is_set() and time.monotonic() < until:
            pass

    held(spins)
    thread.join()
    assert looked == [None]


def test_a_driver_that_swallows_being_stopped_stops_the_run_all_the_same() -> None:
    with pytest.raises(DriverStopped, match=r"driver driver, bind_port: calls time.sleep"):
        Switchboard(fake("Swallowing")).create()
