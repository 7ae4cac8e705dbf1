"""A range of whole numbers needs no count."""

import pytest

from sim.scenario import ScenarioError
from sim.scenario.experiments import axis_of


def test_a_range_without_a_count_is_every_whole_number_where_the_field_takes_those() -> None:
    assert axis_of("api.processes=1..4").values == ((1,), (2,), (3,), (4,))
    assert axis_of("workload.clients=3..2").values == ((3,), (2,))


@pytest.mark.parametrize("text", ["workload.rate_per_s=1..4", "api.processes=1..2.5"])
def test_elsewhere_it_is_refused_with_the_form(text: str) -> None:
    with pytest.raises(ScenarioError, match=r"; a range has the form FROM\.\.TO\.\.COUNT"):
        axis_of(text)
