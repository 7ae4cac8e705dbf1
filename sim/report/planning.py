"""The text of a plan for a terminal: the answer in one sentence, then tables, all within 80 columns.

`bindsim plan` prints it. It reads a Plan and changes nothing.
"""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from sim.experiment.intervals import upper_limit_when_none_seen
from sim.experiment.planning import Configuration, Plan, Sizing
from sim.experiment.planning.inverse import Tried
from sim.experiment.planning.sentences import percent, settings_text
from sim.experiment.verdict import number
from sim.report.folding import WIDTH, cut, folded

_POINTS = 9  # rows of a table of probability
_FIRST = 34  # columns of the first column


def print_plan(plan: Plan, console: Console) -> None:
    """All of it."""
    console.print(Text("\n".join(_heading(plan)), style="bold"), soft_wrap=True)
    for lines in _tables(plan):
        console.print()
        console.print(Text("\n".join(lines)), soft_wrap=True)


def _heading(plan: Plan) -> Iterator[str]:
    demanded = ", ".join(each.text for each in plan.demanded)
    yield from folded(f"{plan.scenario.name}: {plan.sentence}")
    yield from folded(f"Objectives: {demanded}.")


def _tables(plan: Plan) -> Iterator[list[str]]:
    for part in plan.parts:
        yield list(_loads(part, plan.unit))
        if part.effects:
            yield list(_reliefs(part))
        if part.mean_uses:
            yield list(_uses(part))
            yield [line for text in _analytic(part) for line in folded(text, indent="  ")]
    if plan.sizes:
        yield list(_sizing(plan))
    for sizing in plan.inverse:
        yield list(_inverse(sizing))
    yield list(_footnotes(plan))


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], *, first: int = _FIRST) -> Iterator[str]:
    """Rows whose first column is text and whose others are numbers of equal width."""
    width = (WIDTH - first) // max(1, len(columns))
    yield cut(title, first).ljust(first) + "".join(cut(name, width - 1).rjust(width) for name in columns)
    yield "-" * WIDTH
    for name, *values in rows:
        yield (cut(name, first).ljust(first) + "".join(value.rjust(width) for value in values)).rstrip()


def _loads(part: Configuration, unit: str) -> Iterator[str]:
    """The probability at a few loads, evenly among those at which a search ended."""
    found = part.answer.probabilities()
    step = max(1, (len(found) - 1) / (_POINTS - 1))
    chosen = [found[round(place * step)] for place in range(_POINTS) if round(place * step) < len(found)]
    rows = [
        (f"{number(each.load)} {unit}", f"{each.met} of {each.count}", number(each.share),
         f"[{each.low:.2f}, {each.high:.2f}]")
        for each in chosen
    ]  # fmt: skip
    yield from _table(f"{part.strategy}: objectives met", ("replications", "share", "exact 95 %"), rows)


def _reliefs(part: Configuration) -> Iterator[str]:
    rows = [
        (each.relief.name, number(each.load.mean), percent(each).rjust(24))
        for each in part.effects
        if each.load is not None
    ]
    yield cut(f"{part.strategy}: with ...", 42).ljust(42) + "carries".rjust(12) + "change [95 %]".rjust(26)
    yield "-" * WIDTH
    for name, load, change in rows:
        yield f"{cut(name, 42):42}{load:>12}{change:>26}"
    for each in part.effects:
        if each.load is None:
            yield from folded(f"{each.relief.name}: {each.reason}.", indent="  ")


def _uses(part: Configuration) -> Iterator[str]:
    rows = [
        (use.resource, str(use.places), f"{100 * use.share:.0f} %", "-" if use.queued is None else number(use.queued),
         number(use.demand_s), "level" if use.recorded else "tables")
        for use in part.mean_uses
    ]  # fmt: skip
    columns = ("places", "in use", "waiting", "demand s", "from")
    yield from _table(f"{part.strategy}, at that load", columns, rows, first=28)


def _analytic(part: Configuration) -> Iterator[str]:
    found, law = part.bounds, part.scalability
    if found is not None:
        yield (
            f"Bounds: {found.bottleneck} ends at {number(found.bound_per_s)} operations/s; an operation alone takes "
            f"{number(found.empty_s)} s, so the knee is at {number(found.knee)} operations in the system."
        )
    for each in part.erlang:
        if each.why_not:
            yield f"Erlang C does not apply to {each.controller}: {each.why_not}."
        elif each.waits is not None and each.wait_s is not None:
            yield (
                f"Erlang C of {each.controller}, {each.places} calls at a time: {100 * each.waits:.2g} % of the calls "
                f"wait, {number(each.wait_s)} s on average."
            )
    if law.why_not:
        yield f"Universal Scalability Law over {law.over}: no fit: {law.why_not}."
    elif law.gamma is not None and law.alpha is not None and law.beta is not None and law.r_squared is not None:
        largest = 100 * max(abs(each) for each in law.residuals)
        peak = "no peak" if law.peak is None else f"its peak at {number(law.peak)}"
        yield (
            f"Universal Scalability Law over {law.over}: gamma {number(law.gamma)}, alpha {number(law.alpha)}, beta "
            f"{number(law.beta)}, {peak}; R squared {law.r_squared:.3f}, largest residual {largest:.1f} %."
        )


def _sizing(plan: Plan) -> Iterator[str]:
    rows = [
        (
            f"{', '.join(f'{path}={value}' for path, value in each.settings.items())} {each.strategy}",
            _mean(each), _bounds(each), number(each.answer.met_in_95),
        )
        for each in plan.sizes
    ]  # fmt: skip
    columns = ("carries", "95 % interval", "in 95 %")
    yield from _table("sizes", columns, rows, first=41)
    for law in plan.sizing_scalability():
        told = f"no fit: {law.why_not}" if law.why_not else f"R squared {law.r_squared:.3f}, alpha {law.alpha:.3g}"
        yield from folded(f"Universal Scalability Law over {law.over}: {told}.", indent="  ")


def _mean(each: Configuration) -> str:
    found = each.answer.interval
    return each.answer.ending if found is None else number(found.mean)


def _bounds(each: Configuration) -> str:
    found = each.answer.interval
    if found is None or found.low is None or found.high is None:
        return "-"
    return f"[{number(found.low)}, {number(found.high)}]"


def _inverse(sizing: Sizing) -> Iterator[str]:
    rows = [_tried(each, "") for each in sizing.tried] + [_tried(each, " *") for each in sizing.lost]
    yield from _table(sizing.question.strategy, ("load", "met", ""), rows, first=47)
    if sizing.lost:
        yield "* one API process lost"


def _tried(each: Tried, mark: str) -> tuple[str, str, str, str]:
    of = f"{each.met} of {len(each.points)}"
    return settings_text(each) + mark, number(each.load), of, "holds" if each.holds else "misses"


def _footnotes(plan: Plan) -> Iterator[str]:
    yield from folded(
        f"Scaled: {plan.path}, {number(plan.own_load)} in the scenario. Each replication is searched on its own, to "
        f"2 % of the load, on the same arrivals at another pace; seed {plan.seed}. A saturated or stalled run meets "
        "nothing."
    )
    for part in plan.parts:
        yield from (line for text in _none_seen(part) for line in folded(text, indent="  "))
    if not plan.is_conclusive:
        yield from folded("Not conclusive: no load is found, a lower load fails, or there are too few replications.")


def _none_seen(part: Configuration) -> Iterator[str]:
    """What 'none' means at the loads that were met."""
    operations = part.answer.operations
    for each in part.question.objectives:
        if operations and each.limit == 0 and each.comparison in ("==", "<="):
            limit = number(1000 * upper_limit_when_none_seen(operations))
            missing = f"; {each.operations:,} are demanded" if (each.operations or 0) > operations else ""
            yield (
                f"{each.text} ({part.strategy}): none seen in {operations:,} operations at the loads that were met; at "
                f"most {limit} in 1,000 (exact one-sided 95 % limit for independent operations){missing}."
            )
