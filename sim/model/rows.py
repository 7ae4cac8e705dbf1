"""The row of the table `operations`, the same for every engine."""

from sim.metrics import Tables
from sim.model.requests import Answer, Request


def operation_row(tables: Tables, request: Request, answer: Answer | None, *, now_us: int) -> None:
    """Appends it; without an answer the run, or the process, has ended before it."""
    words, step = tables.words, request.step
    answered = answer is not None and answer.outcome != "died"
    answer = answer or Answer("unanswered")
    tables.operations.append(
        request.operation, words.kinds.code(step.kind), words.classes.code(step.class_name),
        request.port, request.chain.tenant, request.chain.client,
        request.original if request.repeat else -1, request.repeat,
        request.intended_us, request.started_us, now_us if answered else -1,
        words.operation_outcomes.code(answer.outcome), words.errors.code(answer.error),
        answer.bound, request.api_process,
    )  # fmt: skip
