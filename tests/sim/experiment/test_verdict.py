from collections.abc import Sequence

import pytest

from sim.experiment.deciding import replications_to_decide
from sim.experiment.jobs import Outcome
from sim.experiment.samples import Samples
from sim.experiment.verdict import judge, number
from sim.metrics.measure import Values
from sim.scenario import MinEffect

P95 = "latency_s.create_port.p95"
STALE = "lost_bindings_count.stale.total"
NOISE = (0.0, 0.01, -0.01, 0.005, -0.005, 0.002)


def outcome(strategy: str, replication: int, metric: str, value: float | None) -> Outcome:
    saturated = value is None
    values = Values({metric: value}, {metric: "saturated"} if saturated else {})
    return Outcome(
        strategy=strategy, replication=replication, values=values, tables=None, stall=(), virtual_us=0,
        outcome="saturated" if saturated else "ok", saturated_from_us=12_000_000 if saturated else None,
        unfinished=431 if saturated else 0,
    )  # fmt: skip


def judged(values: dict[str, Sequence[float | None]], *, metric: str = P95, relative: float = 0.05) -> tuple:
    outcomes = [
        outcome(strategy, replication, metric, value)
        for strategy, column in values.items()
        for replication, value in enumerate(column)
    ]
    verdict = judge(Samples(outcomes), metric=metric, min_effect=MinEffect(relative=relative))
    return [judgement.word for judgement in verdict.judgements], verdict.sentence


def around(middle: float) -> list[float]:
    return [middle + noise for noise in NOISE]


def test_a_clear_difference_is_told_with_values_percent_and_interval() -> None:
    words, sentence = judged({"old": [1.0] * 6, "new": around(0.6)})
    assert words == ["better"]
    assert sentence == (
        f"{P95}: new is better, 0.6 s against 1 s under old, -0.4 s or -40.0 % (95 % interval -0.407 s to -0.392 s, "
        "6 replications)."
    )


def test_a_clear_difference_the_other_way_is_worse() -> None:
    assert judged({"old": around(0.6), "new": around(1.0)})[0] == ["worse"]


def test_more_throughput_is_better() -> None:
    words, _ = judged({"old": around(1.0), "new": around(2.0)}, metric="throughput_per_s.all.mean")
    assert words == ["better"]


def test_a_difference_within_the_smallest_that_matters_is_none() -> None:
    words, sentence = judged({"old": [1.0] * 6, "new": around(1.01)})
    assert words == ["no difference"]
    assert "new: no difference" in sentence


def test_a_wide_interval_is_inconclusive() -> None:
    assert judged({"old": [1.0] * 6, "new": [0.2, 1.9, 0.9, 1.2, 0.4, 1.6]})[0] == ["inconclusive"]


def test_a_difference_that_is_sure_but_may_not_matter_is_inconclusive() -> None:
    assert judged({"old": [1.0] * 6, "new": [1.03, 1.06, 1.05, 1.02, 1.055, 1.045]})[0] == ["inconclusive"]


def test_fewer_than_five_replications_are_inconclusive() -> None:
    words, sentence = judged({"old": [1.0] * 4, "new": [0.1] * 4})
    assert words == ["inconclusive"]
    assert "4 replications are too few" in sentence


def test_a_saturated_strategy_is_told_with_from_when_and_how_many() -> None:
    words, sentence = judged({"old": [1.0, None, None, 1.0, 1.0], "new": around(0.6)[:5]})
    assert words == ["saturated"]
    assert "old saturated in 2 of 5 (from t = 12 s on, up to 431 unfinished), new 0.6 s" in sentence


def test_a_count_that_nobody_saw_decides_nothing() -> None:
    words, sentence = judged({"old": [0.0] * 6, "new": [0.0] * 6}, metric=STALE)
    assert words == ["inconclusive"]
    assert "none seen under either strategy" in sentence


def test_a_count_against_none_is_told_in_units() -> None:
    words, sentence = judged({"old": [0.0] * 6, "new": [3.0, 4.0, 3.0, 5.0, 4.0, 3.0]}, metric=STALE)
    assert words == ["worse"]
    assert "+3.67 (95 % interval +2.81 to +4.52" in sentence


def test_every_rival_is_judged_in_the_one_sentence() -> None:
    words, sentence = judged({"a": around(1.0), "b": around(0.5), "c": around(2.0)})
    assert words == ["better", "worse"]
    assert sentence.count(".") > 2
    assert "; c is worse" in sentence


def test_one_strategy_alone_is_compared_with_nothing() -> None:
    assert judged({"a": around(1.0)}) == ([], f"{P95}: a 1 s, compared with nothing.")


def test_an_inconclusive_verdict_says_how_many_replications_more_would_decide() -> None:
    wide = [0.2, 1.9, 0.9, 1.2, 0.4, 1.9]
    words, sentence = judged({"old": [1.0] * 6, "new": wide}, relative=0.02)
    assert words == ["inconclusive"]
    needed = replications_to_decide([value - 1.0 for value in wide], 0.02)
    assert f"; about {needed - 6:,} replications more would be needed." in sentence


def test_fewer_than_five_need_as_many_as_make_an_interval() -> None:
    assert "; about 1 replication more would be needed." in judged({"old": [1.0] * 4, "new": around(0.5)[:4]})[1]
    assert "at least 4 replications more would be needed." in judged({"old": [1.0], "new": [0.5]})[1]


def test_a_difference_at_the_smallest_effect_would_need_more_than_anybody_runs() -> None:
    words, sentence = judged({"old": [1.0] * 6, "new": [1.049, 1.05, 1.051, 1.0499, 1.0501, 1.04999]})
    assert words == ["inconclusive"]
    assert sentence.endswith(
        "more than 10,000 replications would be needed, since the difference is too close to the smallest effect that "
        "matters."
    )


def test_no_number_of_replications_brings_missing_values_back() -> None:
    _, sentence = judged({"old": [None] * 5, "new": [None] * 5})
    assert sentence.endswith("values are missing, which no number of replications brings back.")


@pytest.mark.parametrize("limit", [0.41, 0.5])
def test_an_absolute_effect_is_in_the_unit_of_the_metric(limit: float) -> None:
    outcomes = [outcome("old", n, P95, 1.0) for n in range(6)]
    outcomes += [outcome("new", n, P95, value) for n, value in enumerate(around(0.6))]
    verdict = judge(Samples(outcomes), metric=P95, min_effect=MinEffect(absolute=limit))
    assert [judgement.word for judgement in verdict.judgements] == ["no difference"]


def test_two_saturated_strategies_leave_open_which_is_better() -> None:
    words, sentence = judged({"old": [1.0, None, 1.0, 1.0, 1.0], "new": [None] * 5})
    assert words == ["inconclusive"]
    assert "new inconclusive: old saturated in 1 of 5 (from t = 12 s on" in sentence
    assert "new saturated in 5 of 5 (from t = 12 s on" in sentence


@pytest.mark.parametrize(
    ("value", "text"), [(999.4, "999"), (999.6, "1,000"), (1234567.0, "1,234,567"), (0.0123456, "0.0123"), (0.0, "0")]
)
def test_a_number_for_people_has_three_digits_and_no_exponent_where_it_need_not(value: float, text: str) -> None:
    assert number(value) == text
