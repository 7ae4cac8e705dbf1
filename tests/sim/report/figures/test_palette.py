import itertools
from collections.abc import Callable

import numpy as np
import pytest

from sim.report.figures.palette import INK, MUTED, PAPER, SERIES, Colour, series_style, strategy_style

READABLE = 4.5  # WCAG 2.2, level AA, for text
APART = 12  # CIE 1976 distance; neighbours that differ by 2.3 are just told apart
# Machado, Oliveira and Fernandes, "A physiologically-based model for simulation of color vision deficiency", 2009,
# severity 1.0, on linear RGB.
SIGHT = {
    "all colours": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
THEMES: dict[str, Callable[[Colour], str]] = {"light": lambda c: c.light, "dark": lambda c: c.dark}


def linear(code: str):
    parts = np.array([int(code[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    luminance = sorted(float(linear(code) @ [0.2126, 0.7152, 0.0722]) for code in (one, other))
    return (luminance[1] + 0.05) / (luminance[0] + 0.05)


def lab(rgb):
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ np.clip(rgb, 0, 1) / [0.9505, 1, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("theme", THEMES)
def test_every_colour_that_carries_text_can_be_read_on_its_page(theme: str):
    code = THEMES[theme]
    weak = {c.name: contrast(code(c), code(PAPER)) for c in (*SERIES, INK, MUTED)}
    assert {name: ratio for name, ratio in weak.items() if ratio < READABLE} == {}


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("theme", THEMES)
def test_no_two_series_look_alike_to_anybody(theme: str, sight: str):
    seen = {c.name: lab(SIGHT[sight] @ linear(THEMES[theme](c))) for c in SERIES}
    near = [
        (one, other)
        for one, other in itertools.combinations(seen, 2)
        if float(np.linalg.norm(seen[one] - seen[other])) < APART
    ]
    assert near == []


def test_series_differ_without_colour_too():
    styles = [series_style(n) for n in range(len(SERIES))]
    for trait in ("line", "marker", "hatch"):
        assert len({getattr(style, trait) for style in styles}) == len(styles)


def test_a_built_in_strategy_looks_the_same_in_every_comparison():
    assert strategy_style("deferred") == strategy_style("deferred", ["mine", "deferred"])


def test_strategies_of_one_comparison_look_different():
    names = ["mine", "deferred", "in-transaction", "serialized", "yours", "theirs"]
    assert len({strategy_style(name, names).line for name in names}) == len(names)
