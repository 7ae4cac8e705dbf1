from pathlib import Path

import pytest

from sim.scenario.assumptions import assumptions

HEAD = """\
# assumption: a remark on the whole file marks nothing

question: "Is a # assumption in text a comment?"
horizon: {duration_s: 9}  # an assumption
workload:
  arrivals:
    poisson:
      rate_per_s: 4       # measured
  operations:
    # assumption: all of
    # this item
    - operation: create_port
      weight: 3
      then:
        - {operation: get_port, after_s: 2, count: 5}
    - {operation: get_port, weight: 2}
api:
  threads: 25             # measured, and
                          # no Assumption about the next line
  cores: 3
  processes: 2            # measured
  # an ASSUMPTION
  cpu_s: 0.01
database:                 # assumption
  round_trip_s: 1e-3
  pool: {size: 6, max_overflow: 0}
topology: {tenants: 7, networks: 1, ip_allocation: true}    # assumptions
drivers:
  - {name: sdn, kind: controller, controller: sdn}
controllers:
  - name: sdn
    concurrency: 50       # measured
    latency: {bind: {lognormal: {median_s: 0.5, p95_s: 1.5}}, confirm: 0.02}  # assumption
primary_metric: latency_s.create_port.p95
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    (tmp_path / "marked.yaml").write_text(HEAD)
    return str(tmp_path / "marked.yaml")


def test_comments_mark_the_numbers_of_their_line_and_of_the_block_that_follows(file: str) -> None:
    assert [(each.path, each.value) for each in assumptions(file)] == [
        ("horizon.duration_s", 9),
        ("workload.operations.0.weight", 3),
        ("workload.operations.0.then.0.after_s", 2),
        ("workload.operations.0.then.0.count", 5),
        ("api.threads", 25),
        ("api.cpu_s", 0.01),
        ("database.round_trip_s", 0.001),
        ("database.pool.size", 6),
        ("database.pool.max_overflow", 0),
        ("topology.tenants", 7),
        ("topology.networks", 1),
        ("controllers.sdn.latency.bind.lognormal.median_s", 0.5),
        ("controllers.sdn.latency.bind.lognormal.p95_s", 1.5),
        ("controllers.sdn.latency.confirm", 0.02),
    ]


def test_each_has_its_line(file: str) -> None:
    lines = HEAD.splitlines()
    for each in assumptions(file):
        assert each.path.rpartition(".")[2] in lines[each.line - 1]


def test_an_override_gives_the_value_and_takes_away_what_it_replaces(file: str) -> None:
    changed = {each.path: each.value for each in assumptions(file, ["api.threads=9", "controllers.sdn.latency.bind=1"])}
    assert changed["api.threads"] == 9
    assert "controllers.sdn.latency.bind.lognormal.median_s" not in changed


def test_boot_storm_marks_its_guesses() -> None:
    found = {each.path: each.value for each in assumptions("boot_storm")}
    assert found["controllers.sdn.latency.bind.lognormal.median_s"] == 0.5
    assert found["api.threads"] == 25
    assert "workload.arrivals.batches.rate_per_s" not in found
    assert "api.cpu_s_per_statement" not in found
