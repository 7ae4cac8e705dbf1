import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.report.figures.hold_times import hold_time_curves, hold_time_ecdf, hold_time_message, thinned

HALF_A_PIXEL = 0.5 / 300  # of the axis of a figure of 380 pixels


@given(st.lists(st.floats(1e-6, 1e3), min_size=1, max_size=5000))
def test_a_thinned_curve_is_nowhere_further_than_a_pixel_from_the_true_one(values: list[float]):
    held = np.array(values)
    curve = thinned("deferred", held)
    ordered = np.sort(held)
    true = np.searchsorted(ordered, curve.hold_s, side="right") / len(held)
    drawn = np.searchsorted(curve.hold_s, ordered, side="right")
    shown = np.concatenate(([0.0], curve.share))[drawn]
    exact = np.searchsorted(ordered, ordered, side="right") / len(held)
    assert np.all(true >= curve.share)
    assert np.max(np.abs(shown - exact)) <= 2 * HALF_A_PIXEL or len(held) > 500
    assert len(curve.hold_s) <= 500


def test_a_long_run_is_thinned_and_keeps_both_ends_and_its_quantiles():
    held = np.random.default_rng(1).lognormal(-3, 1.5, size=200_000)
    curve = thinned("deferred", held)
    exact = np.searchsorted(np.sort(held), curve.hold_s, side="right") / len(held)
    assert (curve.hold_s[0], curve.hold_s[-1], curve.share[-1]) == (held.min(), held.max(), 1.0)
    assert len(curve.hold_s) == 500
    assert np.max(np.abs(exact - curve.share)) < 1e-9
    assert np.max(np.diff(curve.share)) < 0.00201
    assert curve.median_s == np.sort(held)[99_999]
    assert curve.p95_s == np.sort(held)[189_999]


@pytest.fixture
def result(written):
    rows = [{"strategy": "in-transaction", "ended_s": 2.0 * n} for n in range(1, 101)]
    rows += [{"strategy": "deferred", "ended_s": 0.5 * n} for n in range(1, 101)]
    return written(transactions=rows, replications=2)


def test_the_message_has_the_quantiles_that_the_data_have(result):
    assert hold_time_message(result) == (
        "95 % of the transactions end within 190 s under in-transaction and 47.5 s under deferred, 4 times as long "
        "under in-transaction as under deferred; half end within 100 s and 25 s (in this order)."
    )


def test_transactions_that_never_ended_are_left_out(written):
    found = hold_time_curves(written(transactions=[{"ended_s": 1.0}, {"ended_s": float("nan")}]))
    assert [(curve.strategy, curve.transactions) for curve in found] == [("deferred", 1)]


def test_the_axis_is_logarithmic_and_says_that_replications_are_pooled(result):
    axes = hold_time_ecdf(result)
    assert (axes.get_xscale(), axes.get_xlabel()) == ("log", "hold time, s (2 replications pooled)")


def test_a_hold_time_of_nothing_has_a_place_on_a_logarithmic_axis(written):
    found = hold_time_curves(written(transactions=[{"ended_s": 0.0}]))
    assert found[0].median_s == 1e-6


def test_nothing_is_drawn_of_no_transaction(written):
    assert hold_time_message(written(operations=[{}])) == "No transaction has ended."
