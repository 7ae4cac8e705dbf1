"""A page in headless Chromium with the network off, and what its reader meets: the tests of this folder judge it.

Debian's chromium is used, so nothing is downloaded; `make test-pages` says what is missing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
TALL_PX = 900
TOUCHING_PX = 1.5  # boxes are larger than their letters: texts that share less than this do not overlap
LEAST_CONTRAST = 4.5  # WCAG 2.2, level AA
_SCRIPTS = Path(__file__).parent


@dataclass
class Reading:
    """A page that is open. `requests` are all but the page itself, `complaints` what the console says."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def layout(self) -> dict[str, Any]:
        """Where every text is."""
        return self.page.evaluate((_SCRIPTS / "layout.js").read_text())

    def contrasts(self) -> list[dict[str, Any]]:
        """The contrast of every text with what is behind it."""
        height = self.page.evaluate("document.documentElement.scrollHeight")
        self.page.set_viewport_size({"width": self.page.viewport_size["width"], "height": height})
        return self.page.evaluate((_SCRIPTS / "contrast.js").read_text())

    def open_details(self) -> None:
        """As somebody who wants to see everything."""
        self.page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")


@contextmanager
def reading(
    browser: Browser, file: Path, *, width_px: int = 1280, theme: str = "light", scripts: bool = True
) -> Iterator[Reading]:
    """Opens a file, offline."""
    context = browser.new_context(
        viewport={"width": width_px, "height": TALL_PX}, color_scheme=theme, java_script_enabled=scripts
    )
    context.set_offline(True)
    page = context.new_page()
    opened = Reading(page)
    page.on("request", lambda request: opened.requests.append(request.url))
    page.on("console", lambda message: opened.complaints.append(message.text))
    page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    page.goto(file.as_uri())
    opened.requests = [url for url in opened.requests if url != file.as_uri() and not url.startswith("data:")]
    try:
        yield opened
    finally:
        context.close()


def outside(layout: dict[str, Any]) -> list[str]:
    """Texts that are cut off: outside the viewport's width, their figure, or what clips them."""
    found = [f"the page is {layout['scrolls']} px wide"] if layout["scrolls"] > layout["width"] + 1 else []
    for text in layout["texts"]:
        place = text["bounds"] or {"left": 0, "right": layout["width"], "top": 0, "bottom": float("inf")}
        inside = (
            text["left"] >= max(place["left"], 0) - TOUCHING_PX
            and text["right"] <= min(place["right"], layout["width"]) + TOUCHING_PX
            and text["top"] >= place["top"] - TOUCHING_PX
            and text["bottom"] <= place["bottom"] + TOUCHING_PX
        )
        if not inside:
            found.append(text["text"])
    return found


def overlapping(layout: dict[str, Any]) -> list[tuple[str, str]]:
    """Pairs of texts that lie on each other."""
    texts = sorted(layout["texts"], key=lambda text: text["top"])
    found = []
    for place, one in enumerate(texts):
        for other in texts[place + 1 :]:
            if other["top"] >= one["bottom"]:
                break
            if _overlap(one, other):
                found.append((one["text"], other["text"]))
    return found


def _overlap(one: dict[str, Any], other: dict[str, Any]) -> bool:
    across = min(one["right"], other["right"]) - max(one["left"], other["left"])
    down = min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
    least = 0.2 * min(one["bottom"] - one["top"], other["bottom"] - other["top"])
    return across > TOUCHING_PX and down > max(TOUCHING_PX, least)
