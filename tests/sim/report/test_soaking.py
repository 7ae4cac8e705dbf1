"""The text of a soak: 80 columns for any numbers and names; what is said of what is broken, unknown, cut short."""

import io
from collections import Counter
from pathlib import Path

import pytest
from rich.console import Console

from core.binding.promises import PROPERTIES
from sim.report.soaking import in_words, print_soak
from sim.soak import LINES, Case, Group, Key, Reading, Shrunk, SoakResult, SoakSettings, Tally

LONG = "a-strategy-with-a-very-long-name-indeed"
STALE = Key("freshness", "stale at its commit", "mine")
LOST = Key("agreement", "orphaned, its transaction was rolled back", LONG)
SHRUNK = Shrunk(
    Case({"faults": [{}]}, 7), STALE, 2, 3, ("    0.500000 s  T1 (create_port of operation 0) committed " + "x " * 40,),
    "It was so; however, it was otherwise.", 30,
)  # fmt: skip


def text(result: SoakResult, *, files: dict[Key, Path] | None = None) -> str:
    """All that is printed."""
    out = io.StringIO()
    print_soak(result, Console(file=out, width=80), files=files or {}, command="bindsim soak --seed 1")
    return out.getvalue()


def result(*, runs: int = 20_000, times: int = 150, interrupted: bool = False, **groups: Group) -> SoakResult:
    """A soak of two strategies with as much of everything as is said."""
    tally = Tally(runs, 22 * runs, 5 * runs, runs - 1, coverage=Counter(dict.fromkeys(LINES, times)))
    for strategy in ("mine", LONG):
        tally.promised |= {(strategy, name) for name in PROPERTIES[:3]}
        for name in PROPERTIES:
            tally.verdicts.update({(strategy, name, "ok"): runs // 2 - 5, (strategy, name, "unknown"): 5})
    if "stale" in groups:
        tally.groups[STALE] = groups["stale"]
        tally.verdicts[STALE.strategy, STALE.property, "violated"] = groups["stale"].runs
    tally.groups[LOST] = Group(False, times, times // 2, (300, 19_999))
    return SoakResult(SoakSettings(runs=runs, jobs=2), tally, 120.0, interrupted=interrupted)


BROKEN = Group(True, 40, 12, (200, 77))


@pytest.mark.parametrize("times", [0, 9, 999_999, 123_456_789])
def test_lines_have_at_most_80_columns_whatever_the_numbers(times: int) -> None:
    lines = text(result(runs=1_000_000, times=times, stale=BROKEN)).splitlines()
    assert max(map(len, lines)) <= 80


def test_a_row_a_strategy_says_what_was_kept_broken_or_found_and_below_it_what_was_not_decided() -> None:
    rows = text(result(stale=BROKEN)).splitlines()
    mine = next(place for place, line in enumerate(rows) if line.startswith("mine"))
    assert rows[mine].split() == ["mine", "10,000", "ok", "ok", "12!", *["0"] * 5]
    assert rows[mine + 1].split() == ["not", "decided", *["5"] * 8]
    assert any(line.startswith("a-strategy-with-a-very~ ") for line in rows)


def test_a_shrunk_case_is_told_with_its_size_evidence_and_command() -> None:
    soaked = result(stale=BROKEN)
    soaked.shrunk[STALE] = SHRUNK
    told = text(soaked, files={STALE: Path("a b/1-freshness-mine.yaml")})
    told = told[told.index("Broken promise") : told.index("Findings")]
    assert told.splitlines()[:2] == [
        "Broken promise: freshness of mine: stale at its commit, in 12 of 20,000 runs",
        "  Shrunk to 2 operations and 1 fault:",
    ]
    assert "  It was so; however, it was otherwise.\n" in told
    assert "  bindsim run 'a b/1-freshness-mine.yaml' --seed 7 --verify\n" in told


def test_a_broken_promise_that_was_not_shrunk_comes_with_its_smallest_run() -> None:
    told = text(result(stale=BROKEN, interrupted=True))
    assert "in 12 of 20,000 runs\n  bindsim soak --seed 1 --run 77\n" in told
    assert told.endswith("Interrupted; this is what there was so far. 1 promise was broken.\n")


def test_a_finding_comes_with_its_smallest_run() -> None:
    told = text(result())
    assert (
        "  agreement: orphaned, its transaction was rolled back, 150 in 75 runs\n"
        "    bindsim soak --seed 1 --run 19999\n"
    ) in told


def test_lines_that_were_never_met_are_named_at_the_end() -> None:
    soaked = result()
    soaked.tally.coverage[LINES[0]] = 0
    assert " ".join(text(soaked).split()).endswith(f"could be decided. Never met: {LINES[0]}.")


def test_a_soak_that_was_interrupted_before_anything_can_be_printed() -> None:
    told = text(SoakResult(SoakSettings(), Tally(), 0.0, interrupted=True))
    assert told.startswith("soak: 0 runs in 0.0 s (1 process), seed 1.")


@pytest.mark.parametrize("runs", [1, 2_000, 99_999])
def test_the_live_line_fits_beside_its_bar(runs: int) -> None:
    words = in_words(Reading(result(runs=runs, times=12_345).tally, 10.0, SoakSettings()))
    assert len(words) <= 70
    assert words.startswith(f"{runs:,} runs, ")
    assert words.endswith(", 0 broken, 12k found")


def test_the_live_line_says_what_is_being_shrunk() -> None:
    reading = Reading(result(stale=BROKEN).tally, 10.0, SoakSettings(), "shrinking 1 of 1")
    assert in_words(reading) == "20,000 runs, 1 broken; shrinking 1 of 1"
