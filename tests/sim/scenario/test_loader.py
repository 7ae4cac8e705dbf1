"""Loading: where a name leads, what is said about files that cannot be used, where lines are counted."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.scenario import ScenarioError, find, load_scenario, parse_scenario, scenario_hash, with_overrides

Refused = Callable[..., list[str]]


def _complaint(path: Path) -> str:
    with pytest.raises(ScenarioError) as error:
        load_scenario(path)
    return str(error.value)


def test_a_file_gives_a_scenario_that_knows_its_name_and_source(small: Path) -> None:
    scenario = load_scenario(small)
    assert (scenario.name, scenario.source) == ("small", str(small))
    assert scenario.workload.arrivals.kind == "poisson"


def test_a_bare_name_is_looked_for_in_the_folder_scenarios_first(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "hot_port.yaml").write_text(small.read_text())
    assert load_scenario("hot_port").question == "Is it small?"


def test_a_bare_name_is_then_looked_for_among_the_installed_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert find("hot_port").is_file()


def test_an_unknown_name_gets_a_suggestion_and_the_known_ones() -> None:
    with pytest.raises(ScenarioError, match=r"did you mean 'boot_storm'\?; known: .*boot_storm, .*rally_create_port"):
        load_scenario("boot_strom")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert _complaint(tmp_path / "no.yaml") == f"{tmp_path}/no.yaml: cannot be read: No such file or directory"


def test_a_folder_is_no_scenario(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").mkdir()
    assert "cannot be read" in _complaint(tmp_path / "x.yaml")


@pytest.mark.parametrize("name", ["", "..", ".", "a b", "x" * 300])
def test_odd_names_are_refused_without_a_traceback(name: str) -> None:
    with pytest.raises(ScenarioError):
        load_scenario(name)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfeq", "is not UTF-8 text (byte 1)"),
        (b"", "holds no mapping"),
        (b"- 1", "holds no mapping"),
        (b"a: [1\nb: 2", "line 2: is not YAML: "),
        (b"question: a\nquestion: b", "line 2: question is given twice; the first is in line 1"),
        (b"a: 1\nhorizon:\n  x: 1\n  x: 2", "line 4: horizon.x is given twice; the first is in line 3"),
        (b"a: !!python/name:os.system x", "has the tag tag:yaml.org,2002:python/name:os.system"),
        (b"? [a]\n: 3", "line 1: has a key that is not a word"),
        (b"a: &a {b: 1}\nc: {<<: *a}", "line 2: c uses a merge key (<<), which scenarios do not have"),
        (b"&a [*a]", "is too large or nested too deeply"),
        (b"a: 1\n--- \nb: 1", "line 2: is not YAML: "),
    ],
)
def test_a_file_that_is_no_scenario_says_why(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(content)
    assert said in _complaint(path)


def test_a_bomb_of_aliases_ends_early(tmp_path: Path) -> None:
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    path = tmp_path / "bomb.yaml"
    path.write_text("\n".join(lines))
    assert "is too large" in _complaint(path)


def test_a_byte_order_mark_does_no_harm(small: Path) -> None:
    small.write_bytes(b"\xef\xbb\xbf" + small.read_bytes())
    assert load_scenario(small).question == "Is it small?"


def test_all_problems_are_told_at_once_in_the_order_of_the_file(refused: Refused) -> None:
    said = refused("  operations:", "  hosts: {zipf: 1}\n  operations:", "topology.tenants=0", "api.threads=2.5")
    assert said == [
        "--set topology.tenants=0: topology.tenants is 0: must be at least 1",
        "--set api.threads=2.5: api.threads is 2.5: must be a whole number",
        "s.yaml, line 6: workload.hosts.zipf is not a known key: did you mean 'zipf_s'? allowed: zipf_s",
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{duration_s: 10}", "{duration_s: ten}", "line 2: horizon.duration_s is 'ten': must be a number"),
        ("{duration_s: 10}", "{duration_s: -1}", "line 2: horizon.duration_s is -1: must be more than 0"),
        ("{duration_s: 10}", "{duration_s: .inf}", "line 2: horizon.duration_s is inf: must be a finite number"),
        ("{duration_s: 10}", "{duration_s: .nan}", "line 2: horizon.duration_s is nan: must be a finite number"),
        ("{duration_s: 10}", "{duration_s: true}", "line 2: horizon.duration_s is true: must be a number"),
        ("{duration_s: 10}", "{duration_s: null}", "line 2: horizon.duration_s is null: must be a number"),
        ("{duration_s: 10}", "{}", "line 2: horizon.duration_s is missing: When arrivals stop, s."),
        ("{duration_s: 10}", "3", "line 2: horizon is 3: must be a mapping with the keys kind, duration_s, "),
        ("Is it small?", "''", "line 1: question is '': must be text, and not empty"),
        ("Is it small?", "5", "line 1: question is 5: must be text"),
        ("create_port\n", "create_prt\n", "line 7: workload.operations.0.operation is 'create_prt': must be one of"),
        ("poisson:", "poison:", "line 5: workload.arrivals.poison is not a known key: did you mean 'poisson'?"),
        (
            "    poisson: {rate_per_s: 5}", "    poisson: {rate_per_s: 5}\n    storm: {count: 3}",
            "line 4: workload.arrivals needs exactly one of poisson, constant, batches, trace, storm, closed, "
            "script; it gives poisson and storm",
        ),
        ("    poisson: {rate_per_s: 5}", "    {}", "line 4: workload.arrivals needs exactly one of"),
        ("latency: {bind: 0.5}", "latency: {}", "line 11: controllers.0.latency.bind is missing: bind: reserve"),
        ("{bind: 0.5}", "{bind: slow}", "line 11: controllers.0.latency.bind is 'slow': must be a mapping with one of"),
        (
            "{bind: 0.5}", "{bind: {lognormal: {median_s: 2, p95_s: 1}}}",
            "line 11: controllers.0.latency.bind.lognormal p95_s (1.0) must not be below median_s (2.0)",
        ),
        ("controller: sdn}", "controller: odl}", "line 9: drivers.0.controller is 'odl': no such controller"),
        (", controller: sdn}", "}", "line 9: drivers.0 a driver of kind controller needs controller"),
        ("kind: controller,", "kind: agent,", "line 9: drivers.0 a driver of kind agent has no controller"),
        ("  - {name: sdn, kind: controller, controller: sdn}", "  []", "line 8: drivers holds 0 items: needs at"),
        ("latency_s.create_port.p95", "fast", "line 12: primary_metric is 'fast': must be a metric's name"),
        (
            "0.5}}", "0.5}, hosts: some}", "line 11: controllers.0.hosts must be all or a mapping with the keys first"
        ),
        ("0.5}}", "0.5}, hosts: {count: 0}}", "line 11: controllers.0.hosts.count is 0: must be at least 1"),
        ("0.5}}", "0.5}, hosts: {count: 101}}", "line 11: controllers.0.hosts go beyond the last host, number 99"),
        ("sdn, kind", "1sdn, kind", "line 9: drivers.0.name is '1sdn': must be a name: a letter, then"),
    ],
)  # fmt: skip
def test_a_problem_names_line_field_value_and_what_is_allowed(refused: Refused, old: str, new: str, said: str) -> None:
    assert refused(old, new)[0].startswith(f"s.yaml, {said}")


def test_metrics_are_checked_when_somebody_knows_them(small: Path) -> None:
    with pytest.raises(ScenarioError, match=r"small.yaml, line 12: primary_metric is odd$"):
        load_scenario(small, metric_problem=lambda name, words: "is odd")


def test_a_changed_copy_keeps_the_name_and_is_checked(small: Path) -> None:
    scenario = load_scenario(small)
    changed = with_overrides(scenario, ["horizon.duration_s=20"])
    assert (changed.horizon.duration_s, changed.name) == (20, "small")
    assert scenario_hash(changed) != scenario_hash(scenario)
    with pytest.raises(ScenarioError, match=r"--set horizon\.duration_s=0: horizon\.duration_s is 0"):
        with_overrides(scenario, ["horizon.duration_s=0"])


def test_a_scenario_can_come_from_plain_data(data: dict[str, object]) -> None:
    assert parse_scenario(data, name="mine").name == "mine"


def test_loading_needs_no_numerical_library() -> None:
    import subprocess
    import sys

    heavy = "{'numpy', 'pandas', 'scipy', 'matplotlib', 'pyarrow', 'simpy', 'sqlalchemy'}"
    program = f"import sys, sim.scenario; sim.scenario.load_scenario('hot_port'); print({heavy} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=os.environ)
    assert found.stdout.strip() == "set()"


def test_a_scenario_in_a_folder_is_found_by_folder_and_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_scenario("eras/mixed_binding").name == "mixed_binding"
    with pytest.raises(
        ScenarioError, match=r"did you mean 'eras/mixed_binding'\?; known: .*eras/mixed_binding, .*eras/"
    ):
        load_scenario("eras/mixed_bindin")
    with pytest.raises(ScenarioError, match=r"scenario 'eras/nothing': is not in ./scenarios nor among the installed"):
        load_scenario("eras/nothing")
