"""A page as HTML, and as a file that is written whole or not at all. `bindsim report` and notebooks call it."""

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from sim.report.figures.palette import COLOURS
from sim.report.page.composing import page_of
from sim.results import ResultError, load_run

if TYPE_CHECKING:
    from sim.results import LoadedRun

DEFAULT_NAME = "report.html"


def write_report(result: "LoadedRun | str | Path", output: str | Path | None = None) -> Path:
    """Write the page of a result (an object or its folder) and return where: `report.html` in the folder by default.

    Raises ResultError when the folder is no result, has no page, or the file cannot be written.
    """
    loaded = load_run(result) if isinstance(result, (str, Path)) else result
    path = loaded.folder / DEFAULT_NAME if output is None else Path(output)
    if path.is_dir():
        raise ResultError(f"{path} is a folder; --output names the file, such as {path / DEFAULT_NAME}")
    content = report_html(loaded)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        partial.write_text(content, encoding="utf-8")
        partial.replace(path)
    except OSError as problem:
        partial.unlink(missing_ok=True) if partial.parent.is_dir() else None
        raise ResultError(
            f"cannot write the report to {path}: {problem.strerror}; name another file with --output"
        ) from None
    return path


def report_html(result: "LoadedRun") -> str:
    """The page of a result as one HTML document. The same result gives the same bytes."""
    page = page_of(result)
    return _environment().get_template("page.html").render(page=page, colours=COLOURS)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("sim.report.page"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    environment.filters["drawn"] = Markup  # figures are our own SVG; everything else is escaped
    return environment
