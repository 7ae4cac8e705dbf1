"""The checker's verdicts on a result: a table of properties by strategy, and each finding told and drawn.

They come from summary.json where the run was made with --verify; where histories were saved, they are checked now.
"""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from sim.experiment import Verification
from sim.report.figures.episode import finding_episode
from sim.report.figures.remembering import remembered
from sim.report.figures.sentences import counted
from sim.report.figures.space_time import draw_episode, episode_height_px
from sim.report.page.blocks import Block, Cell, FindingsBlock, Grid, TableBlock, Told
from sim.report.page.drawing import Figure, figure_block
from sim.results import ResultError

if TYPE_CHECKING:
    from sim.results import LoadedRun

Data = Mapping[str, Any]
_MOST_DRAWN: Final = 16  # findings with a picture: beyond that the page gets too long; assumption
_EVENT = re.compile(r"\s*(\d+\.\d+ s)\s+(.*)")
_READING: Final = (
    "Each lane is an operation, time runs to the right. The numbers are the events below; those at a controller stand "
    "in the last lane."
)


@remembered
def verification_data(result: "LoadedRun") -> Data | None:
    """What `bindsim verify --json` prints, or None for a result that nobody can check."""
    saved = result.details.get("verification")
    if saved is not None:
        return dict(saved)
    try:
        return Verification.of(result).data()
    except ResultError:
        return None


def verdict_blocks(result: "LoadedRun") -> Iterator[Block]:
    """The smallest counterexample, the table of verdicts, and the other findings; a sentence where nothing is known."""
    data = verification_data(result)
    if data is None:
        yield Block(
            anchor="checked", title="What was checked",
            message="Nothing: run with --verify, or with --history and make this page again.",
        )  # fmt: skip
        return
    findings = _by_size(data["findings"])
    yield _table(data)
    if findings:
        yield FindingsBlock(
            anchor="smallest", title="The smallest counterexample", findings=(_told(1, findings[0], result),),
            message=_smallest(findings),
        )  # fmt: skip
    if findings[1:]:
        told = tuple(_told(place, each, result) for place, each in enumerate(findings[1:], 2))
        yield FindingsBlock(anchor="findings", title="Other findings", findings=told, message=_drawn(len(findings)))


def _by_size(findings: list[Data]) -> list[Data]:
    """The smallest first: broken promises, then what is certain, then the fewest events."""
    return sorted(
        findings,
        key=lambda each: (
            not (each["certain"] and each["promised"]), not each["certain"], len(each["evidence"]),
            sum(map(len, each["evidence"])),
        ),
    )  # fmt: skip


def _smallest(findings: list[Data]) -> str:
    broken = sum(bool(each["certain"] and each["promised"]) for each in findings)
    said = f"{counted(broken, 'promise')} broken" if broken else "No promise is broken"
    return f"{said}; {counted(len(findings), 'distinct finding')}. This one has the fewest events."


def _drawn(count: int) -> str:
    return "" if count <= _MOST_DRAWN else f"The first {_MOST_DRAWN} of {count} are drawn."


def _table(data: Data) -> Block:
    strategies = data["strategies"]
    names = list(next(iter(strategies.values())))
    rows = tuple((name, tuple(_cell(strategies[each][name]) for each in strategies)) for name in names)
    broken = [
        f"{name} of {each}" for name in names for each in strategies if _is_broken(strategies[each][name])
    ]  # fmt: skip
    said = f"Broken: {', '.join(broken)}." if broken else "Every promise was kept, as far as it could be decided."
    unknown = tuple(
        f"Unknown: {each['property']} of {each['strategy']}, because {each['because']} "
        f"({counted(each['runs'], 'run')})."
        for each in data["unknown"]
    )
    return TableBlock(
        anchor="checked", title="What the checker says", message=said,
        grids=(("", Grid(columns=tuple(strategies), rows=rows)),),
        notes=("'bindsim properties' says what each property means and who promises it.", *unknown),
    )  # fmt: skip


def _is_broken(verdict: Data) -> bool:
    return bool(verdict["promised"] and verdict["word"] == "violated")


def _cell(verdict: Data) -> Cell:
    word = str(verdict["word"])
    if word == "violated":
        word = f"violated {verdict['violations']:,} times" if verdict["violations"] != 1 else "violated once"
    elif word == "ok" and not verdict["checked"]:
        word = "ok, nothing to check"
    return Cell(
        text=word, below="promised" if verdict["promised"] else "not promised",
        mark="bad" if _is_broken(verdict) else "",
    )  # fmt: skip


def _told(place: int, finding: Data, result: "LoadedRun") -> Told:
    events = [found.groups() for line in finding["evidence"] if (found := _EVENT.match(line))]
    return Told(
        anchor=f"finding-{place}", heading=_heading(finding, result), events=tuple((at, words) for at, words in events),
        says=finding["says"], command=finding["command"],
        figure=_picture(place, finding, result) if place <= _MOST_DRAWN else None,
        is_broken_promise=bool(finding["certain"] and finding["promised"]),
    )  # fmt: skip


def _heading(finding: Data, result: "LoadedRun") -> str:
    times = "once" if finding["count"] == 1 else f"{finding['count']:,} times"
    runs = len(result.details["strategies"][finding["strategy"]]["runs"])
    promised = "promised" if finding["promised"] else "not promised"
    word = "Broken promise" if finding["certain"] and finding["promised"] else "Finding"
    word = word if finding["certain"] else "Undecided"
    where = "" if runs == 1 else f" in {finding['runs']} of {runs} runs"
    return f"{word}: {finding['cause']} ({finding['property']} of {finding['strategy']}, {promised}), {times}{where}"


def _picture(place: int, finding: Data, result: "LoadedRun") -> Any:
    episode = finding_episode(result, finding)
    if episode is None:
        return None
    return figure_block(
        Figure(
            name=f"finding-{place}-picture", title=f"Episode of the finding '{finding['cause']}'",
            draw=draw_episode, message=lambda drawn: drawn.message, reading=_READING,
            height_px=episode_height_px,
        ),
        episode,
    )  # fmt: skip
