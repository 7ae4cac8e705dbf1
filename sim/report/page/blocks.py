"""The blocks that pages are made of. Plain data: sim/report/page/templates has a template for each kind."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell of a grid: what it says, smaller words below it, and whether it stands out (`best`, `bad` or nothing)."""

    text: str
    below: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table: a heading for each column, and rows that begin with their own heading."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A section of the page. `kind` names its template; `anchor` is its id on the page."""

    kind: str = "text"
    anchor: str
    title: str
    message: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TableBlock(Block):
    """Grids, each with a heading of its own."""

    kind: str = "tables"
    grids: tuple[tuple[str, Grid], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureBlock(Block):
    """A figure, drawn for wide and for narrow pages; `numbers` are its values as a table, if it has one."""

    kind: str = "figure"
    wide: str
    narrow: str
    reading: str
    numbers: Grid | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A finding in words: its heading, its events, what follows, the command that repeats it, and its picture."""

    anchor: str
    heading: str
    events: tuple[tuple[str, str], ...]  # time and words
    says: str
    command: str
    figure: FigureBlock | None
    is_broken_promise: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingsBlock(Block):
    """Findings, one after the other."""

    kind: str = "findings"
    findings: tuple[Told, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HowBlock(Block):
    """How the result was made."""

    kind: str = "how"
    command: str
    facts: tuple[tuple[str, str], ...]
    scenario: str
    scenario_title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A whole page: `verdict` is its first sentence."""

    title: str
    kicker: str
    question: str
    verdict: str
    remarks: tuple[str, ...]
    blocks: tuple[Block, ...]
