"""Which blocks the page of a result has: chosen by its verb. A new verb gets a line in _PAGES."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Never

from sim.report.page.blocks import Block, Page
from sim.report.page.compared import compared_blocks, compared_remarks, compared_verdict
from sim.report.page.experiment_figures import mapped_figures, planned_figures, swept_figures
from sim.report.page.experiments import (
    mapped_blocks,
    mapped_verdict,
    planned_blocks,
    planned_remarks,
    planned_verdict,
    swept_blocks,
    swept_remarks,
    swept_verdict,
)
from sim.report.page.provenance import how_block
from sim.results import ResultError

if TYPE_CHECKING:
    from sim.results import LoadedRun


def _nothing(_: "LoadedRun") -> Iterator[Never]:
    return iter(())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """What the page of one verb is made of; `how_block` closes every page."""

    words: str
    verdict: "Callable[[LoadedRun], str]"
    blocks: "Callable[[LoadedRun], Iterator[Block]]"
    remarks: "Callable[[LoadedRun], Iterator[str]]" = _nothing
    figures: "Callable[[LoadedRun], Iterator[Block]]" = _nothing


_PAGES: Final = {
    "run": _Kind(words="one run", verdict=compared_verdict, remarks=compared_remarks, blocks=compared_blocks),
    "compare": _Kind(words="comparison", verdict=compared_verdict, remarks=compared_remarks, blocks=compared_blocks),
    "sweep": _Kind(
        words="sweep", verdict=swept_verdict, remarks=swept_remarks, blocks=swept_blocks, figures=swept_figures
    ),
    "plan": _Kind(
        words="capacity plan",
        verdict=planned_verdict,
        remarks=planned_remarks,
        blocks=planned_blocks,
        figures=planned_figures,
    ),
    "break_even": _Kind(words="break-even map", verdict=mapped_verdict, blocks=mapped_blocks, figures=mapped_figures),
}


def page_of(result: "LoadedRun") -> Page:
    """The page of a result. ResultError for a verb that has none."""
    run = result.manifest["run"]
    kind = _PAGES.get(run["verb"])
    if kind is None:
        known = ", ".join(_PAGES)
        raise ResultError(
            f"{result.folder} is a result of '{run['verb']}', which has no page; pages are made of {known}"
        )
    question = result.manifest.get("question") or result.manifest["scenario"]["question"]
    return Page(
        title=f"{run['scenario']}: {kind.words}", kicker=f"{run['scenario']}, {kind.words}",
        question=str(question), verdict=kind.verdict(result),
        remarks=tuple(kind.remarks(result)), blocks=(*kind.blocks(result), *kind.figures(result), how_block(result)),
    )  # fmt: skip
