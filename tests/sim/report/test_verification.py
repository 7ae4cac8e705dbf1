import io
import shlex

import pytest
from rich.console import Console

from sim.experiment import Verification
from sim.history.summary import CheckedRun
from sim.report.verification import command_lines, print_verification
from tests.sim.experiment.checked_runs import SAYS, cause, checked_run, verdict

ORIGIN = ("mine.yaml", "--set", "controllers.sdn.latency.bind={exponential: {mean_s: 0.25}}")


def printed(*runs: CheckedRun, origin: tuple[str, ...] = ("mine.yaml",)) -> str:
    text = io.StringIO()
    print_verification(Verification(runs, origin=origin), Console(file=text, width=80))
    return text.getvalue()


def as_a_shell_reads(lines: list[str]) -> list[str]:
    """The words of a command over several lines: a shell takes a backslash and what ends the line for nothing."""
    return shlex.split("\n".join(lines).replace("\\\n", ""))


def row(text: str, name: str) -> list[str]:
    return next(line for line in text.splitlines() if line.startswith(name)).split()


def mixed() -> list[CheckedRun]:
    """Runs of five strategies with everything that there is to say."""
    labels = ("in-transaction", "deferred", "serialized", "deferred-with-values-and-a-long-name", "deferred#2")
    return [
        checked_run(
            verdict("contract", cause("late", 1200)),
            verdict("freshness", cause("mixed", 2, certain=False)),
            verdict("convergence", unknown_because="the system did not come to rest"),
            verdict("agreement", cause("orphaned", 7), promised=False),
            verdict("isolation", checked=0),
            label=label,
            replication=replication,
        )
        for label in labels
        for replication in range(2)
    ]


def test_no_line_is_wider_than_80_columns_or_ends_in_a_blank() -> None:
    lines = printed(*mixed(), origin=ORIGIN).splitlines()
    assert max(map(len, lines)) <= 80
    assert all(line == line.rstrip() for line in lines)
    assert len(lines) > 100


def test_a_file_gets_plain_text() -> None:
    assert "\x1b" not in printed(*mixed())


def test_the_table_says_what_holds_and_what_is_promised() -> None:
    text = printed(*mixed()[2:4])
    assert row(text, "contract") == ["contract", "violated", "2,400*"]
    assert row(text, "freshness") == ["freshness", "unknown*"]
    assert row(text, "agreement") == ["agreement", "violated", "14"]
    assert row(text, "isolation") == ["isolation", "ok,", "none", "seen*"]
    assert "2 runs checked. * promised by the strategy" in text
    assert "'ok, none seen': nothing happened that the property is about." in text


def test_a_table_has_at_most_four_strategies() -> None:
    headings = [line.split() for line in printed(*mixed()).splitlines() if line.startswith(" " * 12) and "de" in line]
    assert headings[:2] == [["in-transaction", "deferred", "serialized", "deferred-with-~"], ["deferred#2"]]


def test_a_broken_promise_comes_first_and_is_explained_with_the_command_that_repeats_it() -> None:
    run = checked_run(
        verdict("agreement", cause("orphaned", 7), promised=False), verdict("contract", cause("late", 2)), replication=4
    )
    text = printed(run, origin=ORIGIN)
    assert text.index("Broken promise: contract of deferred, 'late': 2 times; the first:") < text.index(
        "Finding (not promised): agreement"
    )
    told = text[text.index("Broken promise") : text.index("Finding")].splitlines()
    assert told[1].startswith("      1.000000 s  operation 3 calls update_port port 7")
    assert told[2].startswith(" " * 18)
    assert "      2.500000 s  T17 (commit_binding of operation 2) committed: port 7 is now:" in told
    assert " ".join(" ".join(told).split()).count(SAYS) == 1
    assert as_a_shell_reads(told[told.index("  bindsim run mine.yaml \\") :]) == [
        "bindsim", "run", *ORIGIN, "--strategy", "deferred", "--seed", "5", "--replication", "4", "--verify",
    ]  # fmt: skip


def test_a_finding_in_several_runs_says_in_how_many_and_which_one_is_explained() -> None:
    clean = checked_run(verdict("agreement", promised=False))
    found = [
        checked_run(verdict("agreement", cause("orphaned", 3), promised=False), replication=each) for each in (1, 2)
    ]
    text = " ".join(printed(clean, *found).split())
    words = "Finding (not promised): agreement of deferred, 'orphaned': 6 times in 2 of 3 runs; the first, in"
    assert f"{words} replication 1:" in text


def test_a_finding_that_there_is_once_says_so() -> None:
    alone = checked_run(verdict("contract", cause("late", 1)))
    assert "Broken promise: contract of deferred, 'late': once:\n" in printed(alone)
    text = " ".join(printed(alone, checked_run(verdict("contract"), replication=1)).split())
    assert "contract of deferred, 'late': once in 1 of 2 runs, in replication 0: " in text


def test_what_could_not_be_decided_and_what_is_unknown_is_said_as_that() -> None:
    text = " ".join(printed(*mixed()[2:4]).split())
    assert "Undecided (promised): freshness of deferred, 'mixed': 4 times in 2 of 2 runs;" in text
    assert (
        "Unknown (promised): convergence of deferred, because the system did not come to rest in 2 of 2 runs." in text
    )


def test_nothing_found_is_a_table_and_nothing_else() -> None:
    lines = printed(checked_run(verdict("contract"), verdict("answers"))).splitlines()
    assert [line.split() for line in lines[1:5]] == [
        ["deferred"], ["-" * 29], ["contract", "ok*"], ["answers", "ok*"],
    ]  # fmt: skip
    assert lines[6:] == [
        "1 run checked. * promised by the strategy; a violation of it is an error.",
        "'bindsim properties' says what each property means.",
    ]


@pytest.mark.parametrize("length", [1, 30, 60])
def test_a_command_can_be_copied_however_long_it_is(length: int) -> None:
    command = shlex.join(
        ["bindsim", "run", "x" * length, "--set", "a={b: 'c d'}", "--strategy", "deferred", "--verify"]
    )
    lines = command_lines(command)
    assert max(map(len, lines)) <= 80
    assert as_a_shell_reads(lines) == shlex.split(command)
