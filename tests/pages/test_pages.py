from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.pages.reading import LEAST_CONTRAST, outside, overlapping, reading

WIDTHS_PX = (390, 1280, 1920)


def test_a_page_asks_for_nothing_else_and_says_nothing_on_the_console(browser: Browser, file: Path):
    with reading(browser, file) as opened:
        assert opened.page.locator("#verdict").inner_text()
        assert (opened.requests, opened.complaints) == ([], [])


@pytest.mark.parametrize("width_px", WIDTHS_PX)
def test_no_text_is_cut_off_or_lies_on_another(browser: Browser, file: Path, width_px: int):
    with reading(browser, file, width_px=width_px) as opened:
        opened.open_details()
        layout = opened.layout()
    assert len(layout["texts"]) > 50
    assert outside(layout) == []
    assert overlapping(layout) == []


@pytest.mark.parametrize(("theme", "width_px"), [("light", 390), ("light", 1280), ("dark", 1280)])
def test_every_text_can_be_read_in_both_themes(browser: Browser, file: Path, theme: str, width_px: int):
    with reading(browser, file, theme=theme, width_px=width_px) as opened:
        opened.open_details()
        found = opened.contrasts()
    assert len(found) > 50
    assert [each for each in found if each["contrast"] < LEAST_CONTRAST] == []


def test_a_page_reads_the_same_without_javascript(browser: Browser, file: Path):
    with reading(browser, file) as opened:
        with_scripts = opened.page.locator("body").inner_text()
    with reading(browser, file, scripts=False) as opened:
        without = opened.page.locator("body").inner_text()
    assert without == with_scripts
    assert "How it was made" in without


def test_it_prints_in_light_colours_with_nothing_cut_off(browser: Browser, file: Path):
    with reading(browser, file, theme="dark", width_px=794) as opened:
        opened.page.emulate_media(media="print", color_scheme="dark")
        layout = opened.layout()
        ink = opened.page.evaluate("getComputedStyle(document.body).color")
        pdf = opened.page.pdf(format="A4")
    assert outside(layout) == []
    assert overlapping(layout) == []
    assert ink == "rgb(27, 31, 36)"
    assert pdf.startswith(b"%PDF")
    assert pdf.count(b"/Type /Page\n") > 1


def test_a_figure_is_told_to_those_who_cannot_see_it(browser: Browser, pages: dict[str, Path]):
    with reading(browser, pages["faults"]) as opened:
        figures = opened.page.get_by_role("img").all()
        labels = [each.get_attribute("aria-label") or "" for each in figures]
    assert len(labels) > 4
    assert all(len(label.split()) > 8 for label in labels)


def test_the_theme_changes_the_figures_too(browser: Browser, pages: dict[str, Path]):
    inks = {}
    for theme in ("light", "dark"):
        with reading(browser, pages["run"], theme=theme) as opened:
            inks[theme] = opened.page.evaluate("getComputedStyle(document.querySelector('figure svg text')).fill")
    assert inks["light"] != inks["dark"]
