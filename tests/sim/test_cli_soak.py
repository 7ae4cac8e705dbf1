"""The soak on the command line: what is printed, exit statuses, what is kept, and commands that do what they say."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.scenario import load_scenario, resolved
from sim.soak import LINES, draw_case
from tests.planted_bugs.bugs import BY_NAME

TWICE = BY_NAME["notification twice"]
OLD_STATE = BY_NAME["comparing only the host"]
UNDECIDED = 5  # a run of the soak with seed 1 that leaves promises undecided
SMALL = """\
question: Is it small?
strategies: [{name: mine, base: deferred}]
horizon: {duration_s: 2}
workload: {arrivals: {constant: {rate_per_s: 5}}, operations: [{operation: create_port}]}
topology: {hosts: 3}
drivers: [{name: sdn, kind: controller, controller: sdn}]
controllers: [{name: sdn, latency: {bind: 0.2}}]
primary_metric: latency_s.create_port.p95
"""
MAIN = "import sys; from sim.cli import main; sys.exit(main())"
RUNNING_S = 4.0  # until a soak that is told to end has played some runs; nothing that could be waited for says so
LONGEST_S = 60.0

Said = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own for every test."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told_command(out: str, start: str) -> list[str]:
    """The words of the first command in a text that starts so, whatever lines it goes over."""
    lines = out.splitlines()
    first = next(place for place, line in enumerate(lines) if line.strip().startswith(start))
    words = lines[first]
    while words.endswith("\\"):
        first += 1
        words = words[:-1] + lines[first]
    return shlex.split(words)


def test_a_soak_that_finds_no_broken_promise_is_good_and_leaves_nothing(said: Said, folder: Path) -> None:
    status, out, err = said("soak", "--runs", "40", "--jobs", "1")
    assert (status, err) == (0, "")
    assert out.startswith("soak: 40 runs in ")
    assert "1 process), seed 1." in " ".join(out.split())
    assert out.endswith("Every promise was kept, as far as it could be decided.\n")
    assert max(map(len, out.splitlines())) <= 80
    assert list(folder.iterdir()) == []


def test_the_text_has_a_row_a_strategy_and_every_line_of_the_coverage(said: Said) -> None:
    out = said("soak", "--runs", "60", "--jobs", "1")[1]
    table = out[out.index("In how many runs") : out.index("ok: promised")].splitlines()
    assert table[1].split() == ["contract", "freshness", "outcome", "agreement"]
    assert table[2].split() == ["runs", "durability", "answers", "convergence", "isolation"]
    rows = [line.split() for line in table[3:] if not line.startswith(" ")]
    assert [row[0] for row in rows] == sorted({draw_case(1, n).data["strategies"][0]["name"] for n in range(60)})
    assert sum(int(row[1]) for row in rows) == 60
    assert all(row[2] == "ok" for row in rows)
    covered = out[out.index("Coverage:") :]
    assert all(f"  {line} " in covered for line in LINES)


def test_every_finding_comes_with_a_command_that_shows_it(said: Said) -> None:
    out = said("soak", "--runs", "40", "--jobs", "1")[1]
    lines = out[out.index("Findings (not promised") : out.index("Coverage:")].splitlines()[1:]
    heading = next(line for line in lines if line.startswith("  agreement: orphaned"))
    command = shlex.split(lines[lines.index(heading) + 1])
    status, explained, _ = said(*command[1:])
    assert status in (0, 3)
    cause = heading.strip().split(": ", 1)[1].rsplit(", ", 1)[0]
    assert f"Finding, not promised: agreement of {run_strategy(command)}: {cause}" in unfolded(explained)


def run_strategy(command: list[str]) -> str:
    """The strategy of the run that a command plays."""
    name: str = draw_case(1, int(command[-1])).data["strategies"][0]["name"]
    return name


def unfolded(text: str) -> str:
    """Comments in one line."""
    return " ".join(word for word in text.split() if word != "#")


def test_the_same_soak_again_and_in_two_processes_says_the_same_but_for_the_time(said: Said) -> None:
    once, shared = (said("soak", "--runs", "30", "--jobs", jobs, "--json")[1] for jobs in ("1", "2"))
    assert json.loads(once) == json.loads(shared)
    assert said("soak", "--runs", "30", "--jobs", "1", "--json", "--seed", "2")[1] != once


def test_json_has_everything(said: Said) -> None:
    status, out, err = said("soak", "--runs", "25", "--jobs", "1", "--json")
    found = json.loads(out)
    assert (status, err) == (0, "")
    assert (found["runs"], found["seed"], found["interrupted"], found["uncovered"]) == (25, 1, False, [])
    assert sum(each["runs"] for each in found["verdicts"]) == 8 * 25
    assert list(found["coverage"]) == list(LINES)
    assert found["groups"]
    assert {each["command"].rsplit(" ", 1)[0] for each in found["groups"]} == {"bindsim soak --seed 1 --run"}


def test_a_broken_promise_is_status_1_and_its_command_breaks_it_again(said: Said) -> None:
    with OLD_STATE.planted():
        status, out, _ = said("soak", "--runs", "20", "--jobs", "1")
        assert status == 1
        assert max(map(len, out.splitlines())) <= 80
        told = out[out.index("Broken promise: freshness of ") :]
        assert "  Shrunk to 2 operations and " in told
        assert "; however, " in " ".join(told.split())
        assert "promises were broken." in out
        command = told_command(told, "bindsim run ")
        assert command[-1] == "--verify"
        assert said(*command[1:])[0] == 1
    assert said(*command[1:], "--force")[0] == 0


def test_the_kept_scenario_says_in_its_comments_what_it_shows_and_how(said: Said) -> None:
    with TWICE.planted():
        said("soak", "--runs", "4", "--jobs", "1", "--output", "kept here")
    (file,) = Path("kept here").iterdir()
    assert file.name == "1-contract-serialized-no-reads.yaml"
    lines = file.read_text().splitlines()
    assert lines[0] == "# contract of serialized-no-reads: postcommit twice"
    command = shlex.split(lines[1].removeprefix("# "))
    with TWICE.planted():
        status, out, _ = said(*command[1:])
    assert status == 1
    assert "Broken promise: contract of serialized-no-reads" in out
    assert "postcommit twice" in out


def test_in_json_a_broken_promise_has_its_shrunk_case(said: Said) -> None:
    with TWICE.planted():
        status, out, _ = said("soak", "--runs", "4", "--jobs", "2", "--json")
    (group,) = [each for each in json.loads(out)["groups"] if each["broken"]]
    shrunk = group["shrunk"]
    assert (status, shrunk["operations"], shrunk["faults"]) == (1, 1, 0)
    assert shrunk["file"] == "results/local/soak-1/1-contract-serialized-no-reads.yaml"
    assert shrunk["command"] == f"bindsim run {shrunk['file']} --seed {shrunk['seed']} --verify"
    assert "was told of it 2 times" in shrunk["says"]
    assert len(shrunk["evidence"]) == 3


def test_one_run_is_printed_as_a_scenario_with_its_findings_as_comments(said: Said) -> None:
    status, out, err = said("soak", "--run", str(UNDECIDED))
    assert (status, err) == (3, "")
    assert "# Not decided: contract of in-transaction: postcommit missing" in out
    command = shlex.split(out.splitlines()[-1].removeprefix("# "))
    assert command == ["bindsim", "run", "soak-1-5.yaml", "--seed", str(draw_case(1, UNDECIDED).seed), "--verify"]
    Path("soak-1-5.yaml").write_text(out)
    assert resolved(load_scenario("soak-1-5.yaml")) == resolved(draw_case(1, UNDECIDED).scenario())
    again, verified, _ = said(*command[1:])
    assert again == status
    assert "Undecided (promised): contract of in-transaction" in verified
    assert max(len(line) for line in out.splitlines() if line.startswith("#")) <= 80


def test_one_run_with_a_broken_promise_is_status_1(said: Said) -> None:
    with TWICE.planted():
        status, out, _ = said("soak", "--run", "1")
        found = json.loads(said("soak", "--run", "1", "--json")[1])
    assert status == 1
    assert "# Broken promise: contract of serialized-no-reads: postcommit twice" in out
    first = next(each for each in found["findings"] if each["cause"] == "postcommit twice")
    assert (first["property"], first["certain"], len(first["evidence"])) == ("contract", True, 3)
    assert found["seed"] == draw_case(1, 1).seed


def test_a_run_in_which_all_is_well_says_so(said: Said) -> None:
    status, out, _ = said("soak", "--run", "0")
    assert status == 0
    assert "# Every property held." in out


def test_given_scenarios_are_soaked_and_named_in_the_commands(said: Said, folder: Path) -> None:
    (folder / "my small.yaml").write_text(SMALL)
    with TWICE.planted():
        status, out, _ = said("soak", "--scenario", "my small.yaml", "--runs", "2", "--jobs", "2", "--json")
    groups = [each for each in json.loads(out)["groups"] if each["broken"]]
    assert status == 1
    assert {each["strategy"] for each in groups} == {"mine"}
    command = shlex.split(groups[0]["command"])
    assert command[:4] == ["bindsim", "soak", "--scenario", "my small.yaml"]
    with TWICE.planted():
        assert said(*command[1:])[0] == 1
        assert said(*shlex.split(groups[0]["shrunk"]["command"])[1:])[0] == 1
    assert said("soak", "--scenario", "my small.yaml", "--runs", "2", "--jobs", "1")[0] == 0


def test_a_shipped_scenario_can_be_soaked(said: Said) -> None:
    status, out, _ = said("soak", "--scenario", "hot_port", "--runs", "2", "--jobs", "1")
    assert status == 0
    assert "bindsim soak --scenario hot_port --seed 1 --run 1" in out
    assert max(map(len, out.splitlines())) <= 80


def test_minutes_end_it(said: Said) -> None:
    status, out, _ = said("soak", "--minutes", "0.01", "--jobs", "1")
    assert status == 0
    assert int(out.split()[1]) >= 20


def test_a_line_that_is_never_hit_fails_a_long_soak(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.soak.campaign.COVERED_FROM", 5)
    status, out, _ = said("soak", "--runs", "5", "--jobs", "1")
    assert status == 1
    assert "Every promise was kept" in out
    assert "Never met: 4a failure committed, " in out.replace("\n", " ")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--runs", "5", "--minutes", "1"), "--runs and --minutes both say when to stop; give one of them"),
        (("--runs", "5", "--run", "1"), "--run plays one run alone; leave out --runs and --minutes"),
        (("--runs", "0"), "Invalid value for '--runs'"),
        (("--scenario", "nowhere"), "nowhere"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(said: Said, arguments: tuple[str, ...], sentence: str) -> None:
    status, out, err = said("soak", *arguments)
    assert (status, out) == (2, "")
    assert sentence in err
    assert "Traceback" not in err


def interrupted(told: signal.Signals, *arguments: str) -> tuple[int, str, str]:
    """What a soak without end says when it is told to end; the signal goes to its processes too, as from a terminal."""
    call = [sys.executable, "-c", MAIN, "soak", "--minutes", "60", *arguments]
    pipes = {"stderr": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(call, **pipes, text=True, start_new_session=True) as command:  # type: ignore[call-overload]
        time.sleep(RUNNING_S)
        if told == signal.SIGINT:
            os.killpg(command.pid, told)
        else:
            command.send_signal(told)
        out, err = command.communicate(timeout=LONGEST_S)
    return command.returncode, out, err


@pytest.mark.slow
@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_soak_that_is_told_to_end_gives_the_result_so_far_and_says_130(told: signal.Signals, jobs: str) -> None:
    status, out, err = interrupted(told, "--jobs", jobs)
    assert (status, err) == (130, "bindsim: interrupted; the result is that of the runs so far\n")
    assert out.startswith("soak: ")
    assert int(out.split()[1].replace(",", "")) >= 20
    assert "Interrupted; this is what there was so far." in out
