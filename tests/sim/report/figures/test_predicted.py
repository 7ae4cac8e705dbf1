import pytest

from sim.report.figures.predicted import predicted_against_measured, predicted_svg
from tests.sim.validation.outcomes import same, validation

P95 = "latency_s.all.p95"


def test_a_time_is_a_point_at_its_measured_and_predicted_milliseconds() -> None:
    axes = predicted_against_measured([validation(same(P95, measured=0.1, predicted=0.09, again=0.1))])
    points = [line for line in axes.get_lines() if line.get_linestyle() == "None"]
    assert [(round(p.get_xdata()[0], 6), round(p.get_ydata()[0], 6)) for p in points] == [(100.0, 90.0)]
    assert axes.get_xscale() == axes.get_yscale() == "log"


def test_the_same_numbers_give_the_same_bytes() -> None:
    found = [validation(same(P95, measured=0.1, predicted=0.09, again=0.1))]
    assert predicted_svg(found) == predicted_svg(found)


def test_nothing_to_draw_is_said() -> None:
    with pytest.raises(ValueError, match="nothing to draw"):
        predicted_against_measured([validation(same("lock_wait_s.mean", measured=0.1, predicted=0.1, again=0.1))])
