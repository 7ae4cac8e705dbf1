"""A few scripts with what published rules say must come out, so that an engine's log is not merely believed."""

import pytest

from sim.database import PROFILES
from tests.interleavings.on_model import play_on_model
from tests.interleavings.recorded import ENGINES, SCRIPTS, recorded

BY_NAME = {script.name: script for script in SCRIPTS}
P1 = "id=p1 name={} host=h1"

EVERYWHERE = {
    "dirty write (G0)": [
        "A port.update p1 name=a -> 1",
        "B port.update p1 name=b waits for A",
        "A port.update p2 name=a -> 1",
        "A commit -> done",
        "    B port.update p1 name=b -> 1",
        "B port.update p2 name=b -> 1",
        "B commit -> done",
        "C port.list net -> id=p1 name=b host=h1; id=p2 name=b host=h1; id=p3 name=old host=h1",
        "C rollback -> done",
        "= ports p1: name=b",
        "= ports p2: name=b",
    ],
    "lost update prevented by the port's lock": [
        f"A port.lock p1 -> {P1.format('old')}",
        "B port.lock p1 waits for A",
        "A port.update p1 name=a -> 1",
        "A commit -> done",
        f"    B port.lock p1 -> {P1.format('a')}",
        "B port.update p1 name=b -> 1",
        "B commit -> done",
        "= ports p1: name=b",
    ],
    "two inserts of one MAC address": [
        "A port.insert p5 mac_address=m -> 1",
        "B port.insert p6 mac_address=m waits for A",
        "A commit -> done",
        "    B port.insert p6 mac_address=m -> DuplicateKey",
        "B rollback -> done",
        "= ports p5 is new: network_id=net name=made mac_address=m",
    ],
    "a child of a port that is being deleted": [
        "A port.delete p1 -> 1",
        "B ip_allocation.insert p1 50 waits for A",
        "A commit -> done",
        "    B ip_allocation.insert p1 50 -> MissingParent",
        "B rollback -> done",
        "= ip_allocations sub 1 is gone",
        "= ml2_port_bindings p1 is gone",
        "= ports p1 is gone",
    ],
}

OTHERWISE = {
    # PostgreSQL manual, 13.3.2: FOR NO KEY UPDATE and FOR KEY SHARE do not conflict.
    ("a child of a port that is being renamed", "postgresql"): [
        "A port.update p1 name=a -> 1",
        "B ip_allocation.insert p1 50 -> 1",
        "A commit -> done",
        "B commit -> done",
        "= ip_allocations sub 50 is new: port_id=p1",
        "= ports p1: name=a",
    ],
    # MySQL manual, 17.7.3: a foreign key's check sets a shared lock on the row that it looks at.
    ("a child of a port that is being renamed", "mariadb"): [
        "A port.update p1 name=a -> 1",
        "B ip_allocation.insert p1 50 waits for A",
        "A commit -> done",
        "    B ip_allocation.insert p1 50 -> 1",
        "B commit -> done",
        "= ip_allocations sub 50 is new: port_id=p1",
        "= ports p1: name=a",
    ],
    # PostgreSQL manual, 13.2.1: a locking statement finds what was committed when it began.
    ("a port that is not committed cannot be locked", "postgresql"): [
        "A port.insert p5 -> 1",
        "A binding.insert p5 -> 1",
        "B port.lock p5 -> nothing",
        "A commit -> done",
        "B port.lock p5 -> id=p5 name=made host=h1",
        "B commit -> done",
        "= ml2_port_bindings p5 is new: host=h1",
        "= ports p5 is new: network_id=net name=made mac_address=mac-p5",
    ],
}

CASES = [(name, engine, log) for name, log in EVERYWHERE.items() for engine in ENGINES]
CASES += [(name, engine, log) for (name, engine), log in OTHERWISE.items()]


@pytest.mark.parametrize(("name", "engine", "log"), CASES, ids=[f"{name}-{engine}" for name, engine, _ in CASES])
def test_engine_and_model_do_what_the_manuals_say(name: str, engine: str, log: list[str]) -> None:
    assert recorded(engine)[name] == log
    assert play_on_model(BY_NAME[name], PROFILES[ENGINES[engine]]) == log
