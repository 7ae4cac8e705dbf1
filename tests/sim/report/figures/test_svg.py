import re
import subprocess
import sys

import pytest

from sim.report.figures.style import BLUE, drawn_on, new_axes, plain_number

DRAW = """
import sys
from sim.report.figures.style import BLUE, as_svg, drawn_on
with drawn_on(None) as ax:
    ax.bar(["a", "b"], [1, 2], color=BLUE.light, hatch="//")
    ax.set_xlabel("what")
    ax.text(0, 0.12345678, "0.12345678 s")
sys.stdout.write(as_svg(ax.figure, name="one", title='five < "six"', description="a & b"))
"""


def drawn_elsewhere() -> str:
    return subprocess.run([sys.executable, "-c", DRAW], capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def svg() -> str:
    return drawn_elsewhere()


def test_the_same_figure_is_the_same_bytes_in_two_processes(svg: str):
    assert svg == drawn_elsewhere()


def test_text_stays_text_with_all_its_digits(svg: str):
    assert ">0.12345678 s</text>" in svg


def test_coordinates_are_not_finer_than_the_eye(svg: str):
    tags = "".join(re.findall(r"<[^>]*>", svg))
    assert re.findall(r"\d+\.\d{3,}", tags) == []


def test_colours_follow_the_theme_with_the_light_one_as_fall_back(svg: str):
    assert f"var(--blue, {BLUE.light})" in svg
    assert re.findall(r"(?<!, )#[0-9a-f]{6}\b", svg) == []


def test_ids_begin_with_the_name_and_every_reference_has_its_target(svg: str):
    ids = re.findall(r'\bid="([^"]*)"', svg)
    assert all(each == "one" or each.startswith("one-") for each in ids)
    assert len(set(ids)) == len(ids)
    assert set(re.findall(r'(?:url\(#|href="#)([^")]*)', svg)) <= set(ids)


def test_a_screen_reader_is_told_title_and_description(svg: str):
    assert 'role="img"' in svg
    assert 'aria-label="five &lt; &quot;six&quot;"' in svg
    assert "<desc>a &amp; b</desc>" in svg


def test_it_holds_neither_a_date_nor_a_program(svg: str):
    assert "metadata" not in svg


def test_axes_of_the_caller_are_drawn_on():
    given = new_axes(width_px=300)
    with drawn_on(given) as ax:
        assert ax is given


def test_axes_show_themselves_in_a_notebook():
    assert new_axes()._repr_svg_().startswith("<svg ")


def test_numbers_on_ticks_have_no_exponent():
    shown = [plain_number(value) for value in (0, 0.00001, 0.001, 0.25, 1, 123.4, 12345.6)]
    assert shown == ["0", "0.00001", "0.001", "0.25", "1", "123", "12,346"]
