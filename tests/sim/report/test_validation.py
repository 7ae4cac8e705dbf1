from sim.report.validation import validation_lines
from tests.sim.validation.outcomes import same, validation

P95 = "latency_s.all.p95"


def lines(**means: float) -> list[str]:
    return list(validation_lines(validation(same(P95, spread=0.001, **means))))


def test_a_row_holds_both_means_with_intervals_the_error_and_the_pair() -> None:
    (row,) = (line for line in lines(measured=0.1, predicted=0.095, again=0.102) if line.startswith("all p95 s"))
    assert row.split() == ["all", "p95", "s", "0.1", "+-0.002", "0.095", "+-0.002", "-5.0%", "2.0%", "ok"]


def test_a_miss_is_called_one_and_counted() -> None:
    text = "\n".join(lines(measured=0.1, predicted=0.2, again=0.1))
    assert " miss\n" in text
    assert "0 of 1 values that something is asked of are near enough." in text


def test_no_line_is_wider_than_80_columns() -> None:
    several = [
        same(metric, measured=12.3456, predicted=11.9876, again=12.4, spread=0.3)
        for metric in ("retries_count.commit_outcome_unknown.total", "lost_bindings_count.stale-at_commit.total", P95)
    ]
    assert max(map(len, validation_lines(validation(*several)))) <= 80
