"""Certification alone: the table of kinds, the interval, the same source, and what is remembered.

The table is that of certify_and_depend_v3to5 (Galera 4); C is a conflict, whatever else is none here.
"""

import pytest

from core import schema
from core import statements as sql
from sim.database.compiled import STATEMENTS
from sim.database.galera import Certification, KeyKind, WriteSet
from sim.database.galera.write_set import _certified_spaces
from tests.sim.database.scripted import binding_values, port_values

KINDS = {"ex": KeyKind.EXCLUSIVE, "up": KeyKind.UPDATE, "re": KeyKind.REFERENCE, "sh": KeyKind.SHARED}
TABLE = """
       ex  up  re  sh
   ex  C   C   C   C
   up  C   C   D   D
   re  C   D   N   N
   sh  D   D   N   N
"""


def cells() -> list[tuple[str, str, bool]]:
    """Earlier kind, kind of the new write set, conflict."""
    head, *rows = [line.split() for line in TABLE.strip().splitlines()]
    return [(first, then, cell == "C") for first, *row in rows for then, cell in zip(head, row, strict=True)]


def touching(kind: KeyKind, value: str = "p1") -> WriteSet:
    made = WriteSet()
    made.keys[("ports", value)] = kind
    return made


@pytest.mark.parametrize(("first", "then", "conflict"), cells())
def test_the_table_of_kinds(first: str, then: str, conflict: bool) -> None:
    index = Certification()
    index.add(touching(KINDS[first]), node=0, seqno=1)
    assert index.admits(touching(KINDS[then]), node=1, last_seen=0) is not conflict


def test_what_the_node_had_applied_when_it_sent_does_not_conflict() -> None:
    index = Certification()
    index.add(touching(KeyKind.UPDATE), node=0, seqno=7)
    assert not index.admits(touching(KeyKind.UPDATE), node=1, last_seen=6)
    assert index.admits(touching(KeyKind.UPDATE), node=1, last_seen=7)


def test_write_sets_of_one_node_do_not_conflict() -> None:
    index = Certification()
    index.add(touching(KeyKind.EXCLUSIVE), node=1, seqno=1)
    assert index.admits(touching(KeyKind.EXCLUSIVE), node=1, last_seen=0)


def test_a_later_write_set_of_another_kind_hides_no_earlier_one() -> None:
    index = Certification()
    index.add(touching(KeyKind.UPDATE), node=0, seqno=1)
    index.add(touching(KeyKind.REFERENCE), node=2, seqno=2)
    assert not index.admits(touching(KeyKind.UPDATE), node=1, last_seen=0)


def test_what_everybody_has_seen_is_forgotten_and_the_rest_is_kept() -> None:
    index = Certification()
    index.add(touching(KeyKind.UPDATE, "p1"), node=0, seqno=1)
    index.add(touching(KeyKind.UPDATE, "p2"), node=0, seqno=2)
    index.add(touching(KeyKind.UPDATE, "p1"), node=0, seqno=3)
    index.forget(2)
    assert len(index) == 1
    assert not index.admits(touching(KeyKind.UPDATE, "p1"), node=1, last_seen=2)
    index.forget(3)
    assert len(index) == 0


def test_keys_are_primary_and_unique_ones() -> None:
    assert {space for space in _certified_spaces() if "." in space} == {"ports.network_id_mac_address"}
    assert {space for space in _certified_spaces() if "." not in space} == set(schema.metadata.tables)


def test_an_insert_is_exclusive_and_refers_to_its_parents() -> None:
    made, compiled, values = WriteSet(), STATEMENTS[sql.PORT_INSERT], port_values("p9")
    rows = [plan.key(values) for plan in compiled.locks if plan.writes]
    made.add((compiled, (), 1), values, [row for row in rows if row is not None])
    assert made.keys == {
        ("ports", "p9"): KeyKind.EXCLUSIVE,
        ("ports.network_id_mac_address", ("net", "mac-p9")): KeyKind.EXCLUSIVE,
        ("networks", "net"): KeyKind.REFERENCE,
    }
    assert made.locks == {key: kind is KeyKind.EXCLUSIVE for key, kind in made.keys.items()}


def test_an_update_is_weaker_and_a_row_keeps_the_strongest_that_happened_to_it() -> None:
    made, compiled = WriteSet(), STATEMENTS[sql.BINDING_UPDATE]
    values = {**binding_values("p1"), "binding_port_id": "p1"}
    made.add((compiled, (), 1), values, [("ml2_port_bindings", "p1")])
    assert made.keys == {("ml2_port_bindings", "p1"): KeyKind.UPDATE, ("network_segments", "seg"): KeyKind.SHARED}
    made.add((STATEMENTS[sql.BINDING_INSERT], (), 1), binding_values("p1"), [("ml2_port_bindings", "p1")])
    assert made.keys[("ml2_port_bindings", "p1")] is KeyKind.EXCLUSIVE
    assert made.keys[("network_segments", "seg")] is KeyKind.REFERENCE
