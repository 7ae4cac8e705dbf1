"""The scenarios that come with bindsim: they load, and every number has its source or is called an assumption."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from sim.metrics.registry import lookup
from sim.scenario import find, load_scenario, shipped_names

EXPECTED = {
    "boot_storm", "live_migration", "hot_port", "get_port_stampede", "delete_during_bind", "eventlet_lock_wait",
    "controller_brownout", "rally_create_port", "galera_writers",
    "agents_unheard",
}  # fmt: skip


def test_all_of_them_are_there() -> None:
    assert set(shipped_names()) >= EXPECTED


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_it_opens_with_its_question_and_names_real_metrics(name: str) -> None:
    scenario = load_scenario(name)
    first = find(name).read_text().splitlines()[0]
    assert first.startswith("# ")
    assert first.endswith("?")
    assert scenario.question.endswith("?")
    assert lookup(scenario.primary_metric).better == "lower"
    assert all(lookup(published.metric) for published in scenario.published)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_number_has_a_comment_beside_or_above_it(name: str) -> None:
    lines = find(name).read_text().splitlines()
    bare = [line for above, line in pairwise(lines) if _is_bare(above, line)]
    assert bare == []


def _is_bare(above: str, line: str) -> bool:
    code, _, comment = line.partition("#")
    sourced = bool(comment) or "#" in above or "source:" in line or "leaves_out:" in line or "value:" in line
    about_itself = code.startswith(("schema_version", "question")) or "set:" in code or "label:" in code
    return bool(re.search(r"[:\[ ]\d", code)) and not sourced and not about_itself


def test_no_scenario_names_a_place_outside() -> None:
    assert not [name for name in EXPECTED if "/work" in Path(find(name)).read_text()]
