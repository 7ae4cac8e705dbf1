"""The sentences in which a plan answers. Used by sim.experiment.planning.plan; numbers come from there."""

from typing import TYPE_CHECKING

from sim.experiment.intervals import LEAST_REPLICATIONS, Interval
from sim.experiment.planning.answer import Answer
from sim.experiment.planning.inverse import Sizing, Tried
from sim.experiment.planning.limiting import Effect
from sim.experiment.planning.search import ALL, FOUND, NONE
from sim.experiment.verdict import number

if TYPE_CHECKING:
    from sim.experiment.planning.plan import Configuration


def strategy_sentence(part: "Configuration", unit: str) -> str:
    """What one strategy carries, how sure that is, and what limits it."""
    answer, name = part.answer, part.strategy
    told = f"{name} {_carries(answer, unit)}"
    if answer.interval is not None:
        told += f", {_limited(part)}"
    return told + _gaps(answer)


def _carries(answer: Answer, unit: str) -> str:
    count, found = len(answer.roots), answer.interval
    if found is not None:
        return f"carries {bracketed(found)} {unit} ({_sure(found)}), {number(answer.met_in_95)} in 95 % of them"
    if answer.ending == NONE:
        lowest = max(root.missed or 0.0 for root in answer.roots)
        return f"meets the objectives at no load, not even at {number(lowest)} {unit} in any of {count} replications"
    if answer.ending == ALL:
        highest = min(root.met or 0.0 for root in answer.roots)
        return f"meets the objectives at every load that was tried, up to {number(highest)} {unit}"
    return _mixed(answer, unit)


def _mixed(answer: Answer, unit: str) -> str:
    none, every, count = answer.endings(NONE), answer.endings(ALL), len(answer.roots)
    met = [root.met for root in answer.roots if root.ending == FOUND and root.met]
    parts = [f"meets the objectives at no load in {none} of {count} replications"] if none else []
    parts += [f"at every load that was tried in {every} of {count}"] if every else []
    parts += [f"carries {number(min(met))} to {number(max(met))} {unit} in the other {len(met)}"] if met else []
    return ", ".join(parts)


def _sure(found: Interval) -> str:
    if found.low is None:
        return f"{found.count} replications, too few for an interval: at least {LEAST_REPLICATIONS}"
    return f"95 % interval, {found.count} replications"


def bracketed(found: Interval) -> str:
    """The mean with its interval, three significant digits each."""
    if found.low is None or found.high is None:
        return number(found.mean)
    return f"{number(found.mean)} [{number(found.low)}, {number(found.high)}]"


def _limited(part: "Configuration") -> str:
    limit = part.limiting
    if not part.effects:
        return "what limits it was not looked for"
    if limit is None:
        return "no single relief raises that for certain"
    return f"limited by {limit.relief.resource} ({limit.relief.name}: {percent(limit)})"


def percent(effect: Effect) -> str:
    """A change in percent with its interval."""
    change, base = effect.change, effect.base
    if change is None or not base:
        return "-"
    bounds = [100 * each / base for each in (change.mean, change.low, change.high) if each is not None]
    told = [f"{each:+.1f}" for each in bounds]
    return f"{told[0]} %" + (f" [{told[1]}, {told[2]}]" if len(told) > 1 else "")


def _gaps(answer: Answer) -> str:
    if not answer.gaps:
        return ""
    root = answer.gaps[0].root
    where = f"{number(root.missed or 0.0)} missed while {number(root.passes_above or 0.0)} met"
    return (
        f" (not monotone in {len(answer.gaps)} of {len(answer.roots)} replications: in number "
        f"{answer.gaps[0].replication} {where})"
    )


def inverse_sentence(sizing: Sizing, unit: str) -> str:
    """The smallest configuration for a rate, and whether it stands the loss of a process."""
    name, load = sizing.question.strategy, number(sizing.tried[0].load)
    wanted = f"{load} {unit} ({number(sizing.rate)} and {100 * sizing.headroom:g} % headroom)"
    if sizing.chosen is None:
        missed = ", ".join(sizing.tried[-1].missed)
        largest = settings_text(sizing.tried[-1])
        return f"under {name} nothing that was tried carries {wanted}; {largest} misses: {missed}"
    chosen = sizing.chosen
    held = f"in {chosen.met} of {chosen.replications} replications"
    smallest = "the scenario as it is" if not chosen.settings else f"{settings_text(chosen)} is the smallest that"
    return f"under {name} {smallest} carries {wanted} {held}; {_lost(sizing)}"


def _lost(sizing: Sizing) -> str:
    if not sizing.lost:
        return "it has only one API process to lose"
    holds = [number(each.load) for each in sizing.lost if each.holds]
    misses = [number(each.load) for each in sizing.lost if not each.holds]
    told = [f"still holds at {' and '.join(holds)}"] if holds else []
    told += [f"not at {' and '.join(misses)}"] if misses else []
    return f"with one API process lost it {', '.join(told) if holds else 'holds ' + told[0]}"


def settings_text(tried: Tried) -> str:
    """A configuration as users write it."""
    return ", ".join(f"{path}={value}" for path, value in tried.settings.items()) or "the scenario as it is"
