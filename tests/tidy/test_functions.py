"""How long functions are. By this count SimPy 4.1.2 has a median of 4 lines, and 1.8 % of them above 25."""

from collections.abc import Sequence
from statistics import median

import pytest

from tests.tidy.source_tree import Function, Source

MEDIAN_LINES = range(4, 9)
LONG_LINES = 25
LARGEST_SHARE_OF_LONG = 0.03


@pytest.fixture(params=["core", "sim"])
def functions(request: pytest.FixtureRequest, sources: Sequence[Source]) -> list[Function]:
    prefix = f"{request.param}/"
    return [function for source in sources if source.name.startswith(prefix) for function in source.functions()]


def test_the_median_function_is_short_but_not_shredded(functions: list[Function]) -> None:
    assert round(median(function.length for function in functions)) in MEDIAN_LINES


def test_few_functions_are_long(functions: list[Function]) -> None:
    long = [f"{function.place}: {function.length} lines" for function in functions if function.length > LONG_LINES]
    assert len(long) <= LARGEST_SHARE_OF_LONG * len(functions), "\n".join(long)
