"""What outcome states, as naively as can be."""

from collections.abc import Iterator

from sim.history.rows import GONE, Attempt
from tests.sim.history.oracle.truth import BINDING, INPUTS, Truth, Word, plain, worst

KEPT = ("port", "name", "admin_state_up", "device_id", "device_owner", *INPUTS)


def outcome(truth: Truth) -> Word:
    """The observer's word against what the others saw."""
    words = [_judged(truth, row) for row in truth.attempts]
    words += [plain(_gave_up_rightly(truth, row)) for row in range(len(truth.give_ups))]
    return worst([*words, *(plain(each) for each in _witnesses(truth))])


def _witnesses(truth: Truth) -> Iterator[bool]:
    for end in truth.ends:
        said = truth.words.ends.name(end.outcome)
        changed = any(sent.transaction == end.transaction for sent in truth.sent)
        is_committed = any(commit.transaction == end.transaction for commit in truth.commits)
        if said == "commit":
            yield is_committed or not changed
        elif said != "commit_outcome_unknown":
            yield not is_committed
    for commit in truth.commits:
        told = any(end.transaction == commit.transaction for end in truth.ends)
        yield commit.transaction < 0 or told or not truth.is_answered(commit.operation)


def _word(truth: Truth, row: Attempt) -> str | None:
    return truth.words.attempt_outcomes.name(row.outcome)


def _judged(truth: Truth, row: Attempt) -> Word:
    """Only of what it says of its commit can a core be in doubt."""
    if not (_is_in_order(truth, row) and _started_rightly(truth, row)):
        return "violated"
    said = plain(_ended_rightly(truth, row))
    bound_rightly = bool(row.bound) == (_result(truth, row) is not None)
    about_commit = bound_rightly and not truth.facts.binds_inside and _is_about_commit(truth, row)
    return truth.doubted(said, row.operation) if about_commit else said


def _is_about_commit(truth: Truth, row: Attempt) -> bool:
    """Whether it says that it committed and did not, or did it twice, or that it did not and did."""
    writes = len(_writes(truth, row))
    return writes != 1 if _word(truth, row) == "committed" else writes > 0


def _is_in_order(truth: Truth, row: Attempt) -> bool:
    series = [each for each in truth.attempts if (each.operation, each.port) == (row.operation, row.port)]
    earlier = series[: next(place for place, each in enumerate(series) if each is row)]
    if row.number > truth.facts.max_attempts:
        return False
    if truth.facts.binds_inside:
        return True
    if not earlier:
        return row.number == 1
    return row.number == earlier[-1].number + 1 and _word(truth, earlier[-1]) == "inputs_changed"


def _gave_up_rightly(truth: Truth, index: int) -> bool:
    given = truth.give_ups[index]
    series = [each for each in truth.attempts if (each.operation, each.port) == (given.operation, given.port)]
    if not series:
        return False
    last = _word(truth, series[-1])
    return last == "error" or (last == "inputs_changed" and given.attempts >= truth.facts.max_attempts)


# what the others saw of an attempt


def _asked(truth: Truth, row: Attempt) -> list[int]:
    """Its bind_port calls."""
    return [
        index
        for index in truth.calls_of("bind_port")
        if truth.callbacks[index].operation == row.operation
        and truth.port_of(index) == row.port
        and row.began < truth.callbacks[index].position <= row.position
    ]


def _seen(truth: Truth, row: Attempt, last: int) -> list[tuple[int, int]]:
    """What its operation had read or written of the port up to a position: (position, state)."""
    read = [(each.last, each.state) for each in truth.reads if (each.operation, each.port) == (row.operation, row.port)]
    written = [(truth.commits[each.commit].first, each.state) for each in truth.writes
               if (truth.commits[each.commit].operation, each.port) == (row.operation, row.port)]  # fmt: skip
    return sorted(each for each in (*read, *written) if each[0] <= last)


def _writes(truth: Truth, row: Attempt) -> list[int]:
    """The rows of `writes` that are its own."""
    asked = _asked(truth, row)
    found = []
    for index, write in enumerate(truth.writes):
        commit = truth.commits[write.commit]
        if truth.facts.binds_inside:
            mine = bool(asked) and commit.transaction == truth.callbacks[asked[0]].transaction >= 0
        else:
            mine = commit.operation == row.operation and row.began < commit.first <= row.position
        if mine and write.port == row.port:
            found.append(index)
    return found


def _result(truth: Truth, row: Attempt) -> tuple[int, ...] | None:
    """What its last bind_port that set a binding has set."""
    for index in reversed(_asked(truth, row)):
        returned = truth.returned(index)
        if returned is not None and returned.vif_type >= 0:
            return returned.vif_type, returned.vif_details, truth.callbacks[index].driver, returned.segment
    return None


def _started_rightly(truth: Truth, row: Attempt) -> bool:
    asked = _asked(truth, row)
    if truth.facts.binds_inside or not asked:
        return True
    call = truth.callbacks[asked[0]]
    seen = _seen(truth, row, call.position)
    names = (*INPUTS, "generation", "revision")
    return not seen or truth.part(seen[-1][1], names) == truth.part(call.state, names)


def _ended_rightly(truth: Truth, row: Attempt) -> bool:
    said, writes = _word(truth, row), _writes(truth, row)
    if bool(row.bound) != (_result(truth, row) is not None):
        return False
    if truth.facts.binds_inside:
        return said == "error" or not writes or _has_result(truth, row, truth.writes[writes[-1]].state)
    if said == "committed":
        return len(writes) == 1 and _committed_rightly(truth, row, writes[0])
    if writes:
        return False
    return said == "error" or said == _right_word(truth, row)


def _has_result(truth: Truth, row: Attempt, after: int) -> bool:
    result = _result(truth, row)
    return truth.is_failed(after) if result is None else truth.part(after, BINDING) == result


def _committed_rightly(truth: Truth, row: Attempt, index: int) -> bool:
    """4a, and nothing but the result."""
    before, after = truth.before(index), truth.writes[index].state
    if GONE in (before, after) or truth.is_bound(before) or _has_changed(truth, row, before):
        return False
    return _has_result(truth, row, after) and truth.part(before, KEPT) == truth.part(after, KEPT)


def _has_changed(truth: Truth, row: Attempt, now: int) -> bool:
    asked = _asked(truth, row)
    if not asked:
        return False
    names = ("generation",) if truth.facts.check == "generation" else INPUTS
    return truth.part(truth.callbacks[asked[0]].state, names) != truth.part(now, names)


def _right_word(truth: Truth, row: Attempt) -> str | None:
    """4b, 4c, deleted, unchanged failure, by what it read last."""
    seen = [read.state for read in truth.reads if (read.operation, read.port) == (row.operation, row.port)
            and row.began < read.last <= row.position]  # fmt: skip
    if not seen:
        return None
    now = seen[-1]
    if now == GONE:
        return "deleted"
    if truth.is_bound(now):
        return "bound_by_other"
    if not _asked(truth, row):
        return None if truth.has_host(now) else "inputs_changed"
    if _has_changed(truth, row, now):
        return "inputs_changed"
    return "unchanged_failure" if truth.is_failed(now) and _result(truth, row) is None else None
