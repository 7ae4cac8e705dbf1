"""The command line: exit statuses, which stream says what, and what is left on disk."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sim.simulation
from sim.scenario import load_scenario, parse_scenario, scenario_hash
from sim.scenario.yaml_text import parse

SMALL = """\
question: Is it small?
horizon: {duration_s: 3}
workload:
  arrivals: {constant: {rate_per_s: 5}}
  operations: [{operation: create_port}]
topology: {hosts: 3, tenants: 3}
api: {processes: 1, threads: 20}
drivers: [{name: sdn, kind: controller, controller: sdn}]
controllers: [{name: sdn, latency: {bind: {exponential: {mean_s: 0.2}}}}]
primary_metric: latency_s.create_port.p95
"""
PUBLISHED = """\
published:
  - {label: a lab, set: {topology.hosts: 2}, metric: latency_s.create_port.p50, value: 0.5, source: nobody}
  - {label: the same, set: {topology.hosts: 2}, metric: latency_s.create_port.p95, value: 1, source: nobody}
"""

Said = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own for every test, with the small scenario in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BINDSIM_DEBUG", raising=False)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    (tmp_path / "small.yaml").write_text(SMALL)
    return tmp_path


def test_run_prints_its_table_and_keeps_its_results(said: Said, folder: Path) -> None:
    status, out, err = said("run", "small.yaml", "--seed", "7")
    kept = folder / "results" / "local"
    (result,) = kept.iterdir()
    assert (status, err) == (0, f"results in results/local/{result.name}\n")
    assert result.name.startswith("small-run-7-")
    assert "create_port p95 s" in out
    assert max(map(len, out.splitlines())) <= 80
    kept_files = {file.name for file in result.iterdir()}
    assert {"manifest.json", "summary.json", "summary.csv", "operations.parquet"} <= kept_files


def test_run_without_a_strategy_takes_the_first_and_with_one_that(said: Said) -> None:
    assert "in-transaction" in said("run", "small.yaml")[1]
    assert "deferred" in said("run", "small.yaml", "--strategy", "deferred")[1]
    assert "serialized" in said("run", "small.yaml", "--strategy", "serialized")[1]


def test_the_same_run_again_replaces_its_result_and_another_does_not(said: Said) -> None:
    assert said("run", "small.yaml", "--output", "kept")[0] == 0
    assert said("run", "small.yaml", "--output", "kept")[0] == 0
    status, out, err = said("run", "small.yaml", "--output", "kept", "--seed", "2")
    assert (status, out) == (2, "")
    assert "--force" in err
    assert said("run", "small.yaml", "--output", "kept", "--seed", "2", "--force")[0] == 0


def test_the_same_seed_gives_the_same_bytes(said: Said) -> None:
    texts = [said("run", "small.yaml", "--output", name)[1] for name in ("a", "b")]
    assert texts[0] == texts[1]
    for name in ("summary.json", "summary.csv", "operations.parquet"):
        assert Path("a", name).read_bytes() == Path("b", name).read_bytes()


def test_results_of_a_recorded_trace_say_that_they_are_conditional_on_it(said: Said, folder: Path) -> None:
    (folder / "arrivals.csv").write_text("at_s\n0.5\n1\n2\n")
    words = "Conditional on this trace"
    assert words in said("run", "small.yaml", "--set", "workload.arrivals={trace: {file: arrivals.csv}}")[1]
    assert words not in said("run", "small.yaml")[1]


def test_compare_is_inconclusive_with_few_replications(said: Said) -> None:
    status, out, _ = said("compare", "small.yaml", "--replications", "2", "--workers", "1")
    assert status == 3
    assert "inconclusive" in out


def test_compare_is_good_when_the_verdict_is_clear(said: Said) -> None:
    status, out, _ = said(
        "compare", "small.yaml", "--replications", "5", "--workers", "1",
        "--set", "topology.subnets_per_tenant=0", "--set", "controllers.sdn.latency.bind=0.25",
    )  # fmt: skip
    assert status == 0
    assert "deferred is better" in out


def test_several_scenarios_go_into_folders_of_their_own(said: Said, folder: Path) -> None:
    (folder / "other.yaml").write_text(SMALL)
    status, out, _ = said(
        "compare", "small.yaml", "other.yaml", "--replications", "1", "--workers", "1", "--output", "both", "--json"
    )
    assert sorted(file.name for file in Path("both").iterdir()) == ["other", "small"]
    assert [each["scenario"] for each in json.loads(out)["comparisons"]] == ["small", "other"]
    assert status == 3


def test_nothing_runs_when_one_of_several_results_could_not_be_kept(said: Said, folder: Path) -> None:
    (folder / "other.yaml").write_text(SMALL)
    twice = "in-transaction,deferred,deferred"  # the same scenario, another comparison
    said("compare", "other.yaml", "--strategies", twice, "--replications", "2", "--workers", "1")
    status, out, err = said("compare", "small.yaml", "other.yaml", "--replications", "2", "--workers", "1")
    assert (status, out) == (2, "")
    assert "holds a different result; use --force" in err
    assert [result.name.split("-")[0] for result in Path("results/local").iterdir()] == ["other"]


def test_two_scenarios_of_one_name_are_not_kept_in_one_folder(said: Said, folder: Path) -> None:
    (folder / "there").mkdir()
    (folder / "there" / "small.yaml").write_text(SMALL.replace("rate_per_s: 5", "rate_per_s: 6"))
    status, out, err = said("compare", "small.yaml", "there/small.yaml", "--output", "both")
    assert (status, out) == (2, "")
    assert err == "bindsim: two scenarios are called small: both would be kept in both/small\n"


def test_json_is_all_there_is_on_standard_output(said: Said) -> None:
    _, out, err = said("run", "small.yaml", "--json", "--strategy", "deferred")
    data = json.loads(out)
    assert list(data["strategies"]) == ["deferred"]
    assert err.startswith("results in ")


@pytest.mark.parametrize(
    ("limit", "status", "word"),
    [("at_most: 100", 0, "pass"), ("at_most: 0.01", 1, "fail"), ("at_least: 9", 1, "fail")],
)
def test_a_broken_promise_is_status_1(said: Said, folder: Path, limit: str, status: int, word: str) -> None:
    promise = f"thresholds: [{{metric: latency_s.create_port.p95, {limit}, strategies: [in-transaction]}}]\n"
    (folder / "small.yaml").write_text(SMALL + promise)
    found, out, _ = said("run", "small.yaml")
    assert found == status
    assert f"{word}: latency_s.create_port.p95 " in out


def test_a_promise_about_something_unknown_is_status_3(said: Said, folder: Path) -> None:
    (folder / "small.yaml").write_text(SMALL + "thresholds: [{metric: latency_s.get_port.p95, at_most: 1}]\n")
    status, out, _ = said("run", "small.yaml")
    assert (status, "unknown: latency_s.get_port.p95 <= 1" in out) == (3, True)


def test_a_saturated_run_is_status_3(said: Said) -> None:
    status, out, _ = said(
        "run", "small.yaml", "--set", "topology.subnets_per_tenant=0", "--set", "controllers.sdn.latency.bind=2",
        "--set", "horizon.duration_s=30", "--set", "api.threads=100",
    )  # fmt: skip
    assert status == 3
    assert "saturated" in out


def test_published_values_stand_beside_predictions(said: Said, folder: Path) -> None:
    (folder / "small.yaml").write_text(SMALL + PUBLISHED)
    _, out, _ = said("run", "small.yaml")
    assert "Predicted beside published" in out
    assert out.count("nobody") == 1
    data = json.loads(said("run", "small.yaml", "--json")[1])["published"]
    assert [each["published"] for each in data] == [0.5, 1]
    assert all(each["ratio"] == pytest.approx(each["predicted"] / each["published"]) for each in data)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run"], "Missing argument 'SCENARIO'; see 'bindsim run --help'"),
        (["runn", "x"], "No such command 'runn'"),
        (["run", "nowhere.yaml"], "nowhere.yaml: cannot be read: No such file or directory"),
        (["run", "boot_strom"], "did you mean 'boot_storm'?"),
        (
            ["run", "small.yaml", "--strategy", "magic"],
            "--strategy: names 'magic': no such strategy; allowed: in-transaction, deferred",
        ),
        (["run", "small.yaml", "--seed", "-1"], "Invalid value for '--seed'"),
        (["run", "small.yaml", "--set", "topology.hosts"], "must have the form PATH=VALUE"),
        (["run", "small.yaml", "--set", "topology.hosts=0"], "topology.hosts is 0: must be at least 1"),
        (["run", "small.yaml", "--set", "primary_metric=a.b"], "'a.b' is not a metric"),
        (["run", "small.yaml", "--output", "small.yaml"], "small.yaml exists and is no result of bindsim"),
        (["compare", "small.yaml", "--replications", "0"], "Invalid value for '--replications'"),
        (["compare", "small.yaml", "--strategies", ""], "no such strategy"),
        (["compare", "small.yaml", "--strategies", "deferred,,serialized"], "no such strategy"),
        (["compare", "--strategies", "deferred"], "the break-even map compares two strategies"),
        (["inspect", "small.yaml", "--set", "a=1"], "names an unknown key 'a'"),
        (["metrics", "--nonsense"], "No such option: --nonsense"),
    ],
)
def test_invalid_input_is_status_2_with_a_sentence(said: Said, arguments: list[str], words: str) -> None:
    status, out, err = said(*arguments)
    assert (status, out) == (2, "")
    assert words in err
    assert "Traceback" not in err
    assert not Path("results").exists()


def test_no_command_prints_the_help_as_invalid_usage(said: Said) -> None:
    status, out, _ = said()
    assert (status, "Commands:" in out) == (2, True)


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["compare", "-h"], ["--version"]])
def test_asking_for_help_is_good(said: Said, arguments: list[str]) -> None:
    assert said(*arguments)[0] == 0


def _fail(error: BaseException) -> Callable[..., Any]:
    def _run(*_: object, **__: object) -> Any:
        raise error

    return _run


def test_an_internal_failure_is_one_line_and_a_file(said: Said, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr(sim.simulation, "run", _fail(ZeroDivisionError("by zero")))
    status, out, err = said("run", "small.yaml")
    (written,) = folder.glob("bindsim-failure-*.txt")
    assert (status, out, len(err.splitlines())) == (4, "", 1)
    assert "ZeroDivisionError: by zero" in err
    assert str(written) in err
    assert "Traceback" in written.read_text()
    assert list(Path("results/local").iterdir()) == []


def test_debug_prints_the_traceback_instead(said: Said, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr(sim.simulation, "run", _fail(ZeroDivisionError("by zero")))
    monkeypatch.setenv("BINDSIM_DEBUG", "")  # so that what --debug sets is undone
    status, _, err = said("--debug", "run", "small.yaml")
    assert (status, "Traceback" in err, list(folder.glob("bindsim-failure-*"))) == (4, True, [])


def test_an_interrupt_is_status_130_and_leaves_nothing(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sim.simulation, "run", _fail(KeyboardInterrupt()))
    status, out, err = said("run", "small.yaml", "--output", "kept/here")
    assert (status, out) == (130, "")
    assert err == "bindsim: interrupted; no partial results were kept\n"
    assert list(Path("kept").iterdir()) == []


def test_inspect_prints_a_scenario_that_can_be_run(said: Said) -> None:
    status, out, err = said("inspect", "small.yaml", "--set", "topology.hosts=9")
    again = parse_scenario(parse(out)[0])
    assert (status, err, again.topology.hosts) == (0, "", 9)
    assert scenario_hash(again) == scenario_hash(load_scenario("small.yaml", ["topology.hosts=9"]))
    assert out.startswith(f"# small, resolved, {scenario_hash(again)}\n")
    assert json.loads(said("inspect", "small.yaml", "--json")[1])["topology"]["hosts"] == 3


def test_scenarios_lists_names_with_their_questions(said: Said, folder: Path) -> None:
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "mine.yaml").write_text(SMALL)
    (folder / "scenarios" / "wrong.yaml").write_text("question: 3\n")
    found = json.loads(said("scenarios", "--json")[1])
    assert found["mine"] == "Is it small?"
    assert found["wrong"].startswith("cannot be loaded: scenarios/wrong.yaml")
    assert found["boot_storm"].endswith("?")
    assert "mine\n    Is it small?" in said("scenarios")[1]


def test_schema_describes_every_field(said: Said) -> None:
    schema = json.loads(said("schema")[1])
    assert schema["properties"]["workload"]
    fields = [
        (part, name, field)
        for part, definition in [*schema["$defs"].items(), ("Scenario", schema)]
        if "oneOf" not in definition and "anyOf" not in definition
        for name, field in definition.get("properties", {}).items()
    ]
    assert len(fields) > 80
    assert [(part, name) for part, name, field in fields if not {"description", "$ref"} & set(field)] == []


def test_metrics_lists_the_registry(said: Said) -> None:
    assert "latency_s.<all|operation|class>.mean|p50|p95|p99|max" in said("metrics")[1]
    assert "floor 0.001 s: a millisecond" in said("metrics")[1]
    described = {"names", "unit", "better", "definition", "estimators", "floor", "floor_reason"}
    assert described <= set(json.loads(said("metrics", "--json")[1])[0])


def test_help_loads_nothing_heavy() -> None:
    heavy = "{'numpy', 'pandas', 'scipy', 'matplotlib', 'pyarrow', 'simpy', 'sqlalchemy', 'pydantic'}"
    program = (
        f"import sys; from sim.cli import main; main(['--help']); print({heavy} & set(sys.modules), file=sys.stderr)"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stderr.strip() == "set()"


def test_a_reader_that_has_enough_is_no_failure() -> None:
    program = "import sys; from sim.cli import main; sys.exit(main(['schema']))"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_told_in_one_sentence() -> None:
    program = "import sys; from sim.cli import main; sys.exit(main(['schema']))"
    with Path("/dev/full").open("w") as full:
        found = subprocess.run(
            [sys.executable, "-c", program], check=False, stdout=full, stderr=subprocess.PIPE, text=True
        )
    words = "bindsim: cannot write: No space left on device; free some space, then repeat\n"
    assert (found.returncode, found.stderr) == (2, words)


def test_a_letter_that_the_terminal_does_not_have_comes_out_as_its_code(folder: Path) -> None:
    (folder / "small.yaml").write_text(SMALL.replace("Is it small?", "Is √2 small?"), encoding="utf-8")
    program = "import sys; from sim.cli import main; sys.exit(main(['inspect', 'small.yaml']))"
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    found = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True, env=environment
    )
    assert (found.returncode, found.stderr) == (0, "")
    assert "question: Is \\u221a2 small?" in found.stdout


def test_a_closed_standard_output_is_told_in_one_sentence() -> None:
    program = "import sys; sys.stdout = None; from sim.cli import main; sys.exit(main(['schema']))"
    found = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert (found.returncode, found.stderr) == (2, "bindsim: standard output is closed; nothing could be printed\n")


def test_a_failure_whose_traceback_cannot_be_written_is_still_one_line(
    said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sim.simulation, "run", _fail(MemoryError()))
    monkeypatch.setattr("tempfile.NamedTemporaryFile", _fail(OSError(28, "No space left on device")))
    status, out, err = said("run", "small.yaml")
    assert (status, out, len(err.splitlines())) == (4, "", 1)
    assert err.endswith("; --debug prints the traceback\n")


def test_run_takes_replications_and_gives_them_intervals(said: Said, folder: Path) -> None:
    status, out, _ = said("run", "small.yaml", "--replications", "6", "--workers", "1")
    (result,) = (folder / "results" / "local").iterdir()
    assert (status, result.name.startswith("small-run-1n6-")) == (0, True)
    assert "95 % interval" in out
    assert json.loads((result / "manifest.json").read_text())["run"]["replications"] == 6


def test_more_replications_do_not_ask_for_force(said: Said, folder: Path) -> None:
    compared = ("compare", "small.yaml", "--workers", "1", "--replications")
    assert [said(*compared, count)[0] for count in ("5", "6")] in ([0, 0], [3, 3])
    assert len(list((folder / "results" / "local").iterdir())) == 2


def test_precision_says_how_many_it_took_and_that_it_is_reached(said: Said) -> None:
    _, out, _ = said("compare", "small.yaml", "--precision", "0.2", "--workers", "1")
    assert "replications, seed 1; a precision of 20 % in latency_s.create_port.p95 is reached." in " ".join(out.split())
    assert max(map(len, out.splitlines())) <= 80


def test_precision_says_that_the_limit_was_hit_and_how_far_it_got(said: Said) -> None:
    _, out, _ = said("compare", "small.yaml", "--precision", "0.001", "--most", "11", "--workers", "1")
    told = " ".join(out.split())
    assert "11 replications, seed 1; stopped at the limit of 11, a precision of 0.1 %" in told
    assert "of deferred +-" in told
    data = json.loads(said("compare", "small.yaml", "--precision", "0.001", "--most", "11", "--json")[1])
    assert (data["replications"], data["precision"]["reached"]) == (11, False)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--precision", "1.5"], "--precision is 1.5; it must be above 0 and below 1"),
        (["--precision", "0.1", "--most", "5"], "--most is 5; it must be at least 10"),
        (["--most", "50"], "--most belongs to --precision"),
        (["--precision-of", "latency_s.all.p50"], "--precision-of belongs to --precision"),
        (["--precision", "0.1", "--replications", "5"], "cannot be given together"),
        (["--precision", "0.1", "--precision-of", "latency_s.all.p96"], "--precision-of: 'latency_s.all.p96' is not"),
    ],
)
def test_options_of_the_precision_that_mean_nothing_are_refused(said: Said, options: list[str], told: str) -> None:
    for command in ("run", "compare"):
        status, out, err = said(command, "small.yaml", *options)
        assert (status, out) == (2, "")
        assert told in err


def test_the_warm_up_of_a_steady_state_is_printed(said: Said) -> None:
    steady = ("run", "small.yaml", "--set", "horizon.kind=steady_state", "--set", "horizon.duration_s=60")
    status, out, _ = said(*steady, "--replications", "5", "--workers", "1")
    assert status == 0
    assert "found by MSER-5 on the latencies averaged over replications, one cut for all)" in " ".join(out.split())
    status, out, _ = said(*steady, "--set", "horizon.warm_up_s=10")
    assert "Warm-up: what began before t = 10 s is left out, 49 of 299 operations (as given" in " ".join(out.split())


def test_a_load_that_is_too_short_for_a_steady_state_is_refused(said: Said) -> None:
    status, out, err = said("run", "small.yaml", "--set", "horizon.kind=steady_state")
    assert (status, out) == (2, "")
    assert "horizon.kind is steady_state, but the shortest replication of in-transaction has 14 operations" in err


@pytest.mark.parametrize("command", [("run",), ("compare", "--replications", "5")])
def test_a_warm_up_that_is_refused_is_an_unknown_answer(
    said: Said, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setattr("sim.experiment.warm_up.mser5", lambda series: None)
    steady = ("--set", "horizon.kind=steady_state", "--set", "horizon.duration_s=60", "--workers", "1")
    status, out, _ = said(command[0], "small.yaml", *command[1:], *steady)
    assert status == 3
    assert "No values: MSER-5 finds the end of the warm-up in the second half" in " ".join(out.split())
    assert "unsettled" in out
    assert max(map(len, out.splitlines())) <= 80


def test_pooled_quantiles_have_a_table_of_their_own(said: Said) -> None:
    compared = ("compare", "small.yaml", "--pooled", "--strategies", "deferred", "--workers", "1")
    _, out, _ = said(*compared, "--replications", "20")
    assert "pooled [95 %]" in out
    assert "In brackets a 95 % interval, bootstrapped by replication." in out
    assert max(map(len, out.splitlines())) <= 80


def test_pooled_quantiles_of_few_replications_have_no_interval(said: Said) -> None:
    compared = (
        "compare",
        "small.yaml",
        "--pooled",
        "--strategies",
        "deferred",
        "--workers",
        "1",
        "--replications",
        "1",
    )
    assert "There is no interval, since the bootstrap by replication takes at least 20" in said(*compared)[1]
    data = json.loads(said(*compared, "--json")[1])
    found = data["pooled"]["latency_s.create_port.p95"]["deferred"]
    assert (found["label"], found["low"]) == ("pooled", None)
    assert [found["value"]] == data["strategies"]["deferred"]["values"]["latency_s.create_port.p95"]
