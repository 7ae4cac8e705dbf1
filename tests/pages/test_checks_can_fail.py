"""Pages made wrong on purpose: every check of this folder has to find its fault."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.pages.reading import LEAST_CONTRAST, outside, overlapping, reading


@pytest.fixture
def spoilt(tmp_path: Path, pages: dict[str, Path]):
    """Puts something wrong at the end of a right page."""

    def spoil(html: str, *, before: str = "</main>") -> Path:
        text = pages["run"].read_text()
        assert text.count(before) >= 1
        (tmp_path / "spoilt.html").write_text(text.replace(before, html + before, 1))
        return tmp_path / "spoilt.html"

    return spoil


def weak(browser: Browser, file: Path, theme: str = "light") -> list[str]:
    with reading(browser, file, theme=theme) as opened:
        return [each["text"] for each in opened.contrasts() if each["contrast"] < LEAST_CONTRAST]


def test_a_picture_from_elsewhere_is_found(browser: Browser, spoilt):
    with reading(browser, spoilt("<img alt='' src='http://example.invalid/a.png'>")) as opened:
        assert opened.requests == ["http://example.invalid/a.png"]


def test_a_message_on_the_console_is_found(browser: Browser, spoilt):
    with reading(browser, spoilt("<script>console.error('wrong')</script>")) as opened:
        assert opened.complaints == ["wrong"]


def test_an_exception_is_found(browser: Browser, spoilt):
    with reading(browser, spoilt("<script>throw new Error('wrong')</script>")) as opened:
        assert len(opened.complaints) == 1


def test_text_that_is_too_wide_is_found(browser: Browser, spoilt):
    file = spoilt("<p style='white-space: nowrap'>" + "wide " * 400 + "</p>")
    with reading(browser, file) as opened:
        assert any("wide" in each for each in outside(opened.layout()))


def test_text_beyond_the_edge_of_a_figure_is_found(browser: Browser, spoilt):
    file = spoilt("<text x='900' y='20'>beyond</text>", before="</svg>")
    with reading(browser, file) as opened:
        assert "beyond" in outside(opened.layout())


def test_text_on_text_is_found(browser: Browser, spoilt):
    file = spoilt("<p style='margin: 0'>below</p><p style='margin-top: -1.2em'>above</p>")
    with reading(browser, file) as opened:
        assert ("below", "above") in overlapping(opened.layout())


def test_text_on_text_in_a_figure_is_found(browser: Browser, spoilt):
    file = spoilt("<text x='100' y='60'>first</text><text x='104' y='63'>second</text>", before="</svg>")
    with reading(browser, file) as opened:
        assert {"first", "second"} in [set(pair) for pair in overlapping(opened.layout())]


def test_pale_text_is_found(browser: Browser, spoilt):
    assert "pale" in weak(browser, spoilt("<p style='color: #999'>pale</p>"))


def test_a_colour_that_does_not_follow_the_theme_is_found(browser: Browser, spoilt):
    file = spoilt("<p style='color: #1b1f24'>fixed</p>")
    assert "fixed" not in weak(browser, file)
    assert "fixed" in weak(browser, file, "dark")


def test_pale_text_in_a_figure_is_found(browser: Browser, spoilt):
    file = spoilt("<text x='100' y='60' style='fill: #bbb'>pale</text>", before="</svg>")
    assert "pale" in weak(browser, file)


def test_text_on_a_dark_shape_or_on_hatching_is_found(browser: Browser, spoilt):
    shapes = "<rect x='90' y='40' width='100' height='30' style='fill: #222'/>"
    file = spoilt(f"{shapes}<text x='100' y='60'>hidden</text>", before="</svg>")
    assert "hidden" in weak(browser, file)


def test_text_that_only_a_script_writes_is_found(browser: Browser, spoilt):
    file = spoilt(
        "<p id='late'></p><script>document.getElementById('late').textContent = 'only a script says so'</script>"
    )
    with reading(browser, file, scripts=False) as opened:
        assert "only a script says so" not in opened.page.locator("body").inner_text()
