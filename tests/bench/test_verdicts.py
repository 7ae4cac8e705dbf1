"""The last lines of the bench: what a script reads."""

import pytest

from bench.comparison import ORM, SIMULATOR, SQLITE
from bench.growth import AGAIN, LONG, SHORT, growth_ratios
from bench.verdicts import GROWTH, MEMORY, VERSUS_ORM, VERSUS_SQLITE, versus_orm, versus_sqlite


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (VERSUS_SQLITE.verdict(0.1), "speed_over_bare_sqlite 0.1 >=0.1 ok"),
        (VERSUS_SQLITE.verdict(0.0999), "speed_over_bare_sqlite 0.0999 >=0.1 short"),
        (VERSUS_ORM.verdict(12.345678), "speed_over_orm_loop 12.35 >=5 ok"),
        (GROWTH.verdict(1.16), "cost_of_long_over_short_run 1.16 <=1.15 short"),
        (MEMORY.verdict(1.5), "peak_gb_of_longest_run 1.5 <=1.5 ok"),
    ],
)
def test_a_verdict_is_four_words(line: object, text: str) -> None:
    assert line.line() == text


def test_speeds_are_ratios_of_times_in_the_same_round() -> None:
    timings = {SIMULATOR: [1.0, 2.0, 10.0], SQLITE: [0.1, 0.4, 3.0], ORM: [5.0, 14.0, 60.0]}
    assert versus_sqlite(timings).value == 0.2
    assert versus_orm(timings).value == 6.0


def test_growth_is_measured_against_the_short_runs_before_and_after() -> None:
    assert growth_ratios({SHORT: [1.0], LONG: [3.0], AGAIN: [2.0]}) == [2.0]
