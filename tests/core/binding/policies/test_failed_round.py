"""How attempts are counted."""

from core.binding.policies.failed_round import Budget


def rounds_until_last(budget: Budget) -> int:
    """How many rounds an operation has whose drivers all fail."""
    rounds = 1
    while not budget.is_last_round:
        budget.failed()
        rounds += 1
    return rounds


def test_with_one_limit_failed_rounds_leave_fewer_for_refused_commits() -> None:
    budget = Budget(10, shared=True)
    budget.refused()
    assert rounds_until_last(budget) == 9
    assert (budget.used, budget.is_spent) == (9, False)
    budget.refused()
    assert budget.is_spent


def test_with_separate_limits_each_state_has_all_rounds() -> None:
    budget = Budget(10, shared=False)
    assert rounds_until_last(budget) == 10
    budget.refused()
    assert rounds_until_last(budget) == 10
    assert (budget.used, budget.is_spent) == (19, False)


def test_as_many_commits_are_refused_as_the_limit_says() -> None:
    budget = Budget(2, shared=False)
    budget.refused()
    assert not budget.is_spent
    budget.refused()
    assert budget.is_spent
