"""convergence on histories written by hand."""

import pytest

from core.binding.promises import CONVERGENCE
from sim.history import check
from tests.sim.history.judged import assert_proof, found, word
from tests.sim.history.told import Told
from tests.sim.history.written import failed, port, result

PORT = port(1, "h1")


def left(can_bind: bool = True, **facts: object) -> Told:
    """A port that three attempts have left unbound."""
    history = Told(**facts)
    history.initial(PORT)
    for operation in range(3):
        began = history.mark()
        history.asks(operation, PORT, result(f"t{operation}"))
        history.attempt(began, operation, 1, outcome="error")
    history.rest()
    history.bindable(1, can_bind=can_bind)
    return history


def test_a_port_that_no_driver_can_bind_may_stay_unbound() -> None:
    assert word(left(can_bind=False), CONVERGENCE) == "ok"


def test_nothing_left_is_right() -> None:
    history = Told()
    history.initial(failed(PORT))
    assert word(history, CONVERGENCE) == "ok"


def test_a_port_that_could_be_bound_is_missing_and_the_last_two_attempts_show_it() -> None:
    judged = found(left(), CONVERGENCE)
    assert judged.cause == "missing after a read"
    assert_proof(
        judged, "the set-up committed", "operation 1 says of attempt 1", "operation 2 says of attempt 1",
        names=("port 1", "a read has tried once more"),
    )  # fmt: skip


def test_where_reads_do_not_bind_the_cause_says_so() -> None:
    judged = found(left(reads_bind=False), CONVERGENCE)
    assert judged.cause == "missing, reads do not bind"
    assert "a read has tried" not in judged.says


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"quiescent": False}, "the system did not come to rest"),
        ({"read_once": False}, "the reads at rest did not come to an end"),
    ],
)
def test_without_rest_or_reads_it_is_unknown_and_says_why(facts: dict[str, bool], why: str) -> None:
    verdict = check(left(**facts).history()).verdicts[CONVERGENCE]
    assert (verdict.word, verdict.unknown_because, verdict.findings) == ("unknown", why, ())
