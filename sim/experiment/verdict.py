"""The verdict: one sentence on the primary metric and the smallest effect that matters, and nothing else.

The rule for a rival against the first strategy, with the 95 % interval of the paired difference:

- *saturated*: one of the two has no value of the metric because it was saturated (or stalled), the other has one;
- *no difference*: the whole interval lies within the smallest effect that matters;
- *better* or *worse*: the interval excludes zero and its middle is at least that effect;
- *inconclusive*: everything else: fewer than five replications, a count that nobody ever saw, no value under either.
  The text says how many replications more would decide (sim.experiment.deciding).
"""

from dataclasses import dataclass
from math import isclose

from sim.experiment.deciding import NONE_SEEN, VALUES_MISSING, in_words, more_to_decide, too_few
from sim.experiment.intervals import Interval, t_interval
from sim.experiment.samples import Samples
from sim.metrics.registry import Metric, lookup
from sim.scenario import MinEffect

BETTER, WORSE, HIGHER, LOWER = "better", "worse", "higher", "lower"
NO_DIFFERENCE, INCONCLUSIVE, SATURATED = "no difference", "inconclusive", "saturated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What is said of one strategy against the first: a word of this module, and the words around it.

    `more` is how many replications more would decide what is inconclusive; None where nobody can tell, or need not.
    """

    strategy: str
    word: str
    text: str
    more: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgements of all rivals, and the sentence. `value` is the first strategy's own, in words."""

    metric: str
    first: str
    value: str
    judgements: tuple[Judgement, ...]

    @property
    def sentence(self) -> str:
        """One sentence with numbers and intervals."""
        said = "; ".join(judgement.text for judgement in self.judgements)
        return (
            f"{self.metric}: {said}." if said else f"{self.metric}: {self.first} {self.value}, compared with nothing."
        )

    @property
    def is_conclusive(self) -> bool:
        """Whether no rival's judgement is 'inconclusive'."""
        return all(judgement.word != INCONCLUSIVE for judgement in self.judgements)


def judge(samples: Samples, *, metric: str, min_effect: MinEffect) -> Verdict:
    """The verdict of every strategy against the first."""
    first, *rivals = samples.strategies
    known = lookup(metric)
    value = _why(samples, known, first)
    return Verdict(
        metric, first, value, tuple(_judge_one(samples, known, rival, first, min_effect) for rival in rivals)
    )


def _judge_one(samples: Samples, metric: Metric, rival: str, first: str, effect: MinEffect) -> Judgement:
    base, own = samples.estimate(metric.name, first), samples.estimate(metric.name, rival)
    if base.mean is None or own.mean is None:
        return _without_values(samples, metric, rival, first)
    differences = samples.differences(metric.name, rival, first)
    if differences is None:
        return Judgement(strategy=rival, word=INCONCLUSIVE, text=f"{rival} {INCONCLUSIVE}: {VALUES_MISSING}")
    difference, limit = t_interval(differences), limit_of(effect, base.mean)
    seen = bool(base.mean or own.mean)
    word = _word(metric, difference, limit, seen=seen)
    text = _text(word, metric, difference, base.mean, own.mean, rival, first)
    if word != INCONCLUSIVE or not seen:
        return Judgement(strategy=rival, word=word, text=text)
    more = more_to_decide(differences, limit)
    text = f"{text}; {in_words(more, differences, limit)}"
    return Judgement(strategy=rival, word=word, text=text, more=more)


def limit_of(effect: MinEffect, first_mean: float) -> float:
    """The smallest difference that matters, in the metric's unit."""
    if effect.absolute is not None:
        return effect.absolute
    return (effect.relative or 0.0) * abs(first_mean)


def _word(metric: Metric, difference: Interval, limit: float, *, seen: bool) -> str:
    if difference.low is None or not seen:
        return INCONCLUSIVE
    if difference.lies_within(limit):
        return NO_DIFFERENCE
    if not difference.excludes_zero or abs(difference.mean) < limit:
        return INCONCLUSIVE
    return direction(metric, difference.mean)


def direction(metric: Metric, difference: float) -> str:
    """The word for a difference: better or worse where the metric has a better direction."""
    way = LOWER if difference < 0 else HIGHER
    if metric.better == "neither":
        return way
    return BETTER if metric.better == way else WORSE


def _without_values(samples: Samples, metric: Metric, rival: str, first: str) -> Judgement:
    notes = [f"{name} {_why(samples, metric, name)}" for name in (first, rival)]
    hit = any(
        outcome.outcome in (SATURATED, "stalled") for name in (first, rival) for outcome in samples.outcomes(name)
    )
    if all(samples.estimate(metric.name, name).mean is None for name in (first, rival)):
        return Judgement(
            strategy=rival, word=INCONCLUSIVE, text=f"{rival} {INCONCLUSIVE}: {', '.join(notes)}; {VALUES_MISSING}"
        )
    return Judgement(strategy=rival, word=SATURATED if hit else INCONCLUSIVE, text=", ".join(notes))


def _why(samples: Samples, metric: Metric, strategy: str) -> str:
    """The strategy's value, or how it failed to have one."""
    estimate = samples.estimate(metric.name, strategy)
    if estimate.mean is not None:
        return f"{number(estimate.mean)}{_unit(metric)}"
    starts = [o.saturated_from_us for o in samples.outcomes(strategy) if o.saturated_from_us is not None]
    if not starts:
        return estimate.note
    unfinished = max(outcome.unfinished for outcome in samples.outcomes(strategy))
    return f"{estimate.note} (from t = {number(min(starts) / 1e6)} s on, up to {unfinished} unfinished)"


def _text(word: str, metric: Metric, difference: Interval, base: float, own: float, rival: str, first: str) -> str:
    against = f"{number(own)}{_unit(metric)} against {number(base)}{_unit(metric)} under {first}"
    if word in (BETTER, WORSE, HIGHER, LOWER):
        return f"{rival} is {word}, {against}, {_by(difference, base, metric)}"
    if not own and not base:
        return f"{rival} {INCONCLUSIVE}: {NONE_SEEN}"
    if difference.low is None:
        return f"{rival} {INCONCLUSIVE}, {against}: {too_few(difference.count)}"
    return f"{rival}: {word}, {against}, {_by(difference, base, metric)}"


def _by(difference: Interval, base: float, metric: Metric) -> str:
    """The difference with its interval in the metric's unit, and in percent of the first's mean where that is not 0."""
    bounds = [bound for bound in (difference.mean, difference.low, difference.high) if bound is not None]
    mean, low, high = (f"{bound:+.3g}{_unit(metric)}" for bound in bounds)
    percent = "" if isclose(base, 0.0) else f" or {100 * difference.mean / abs(base):+.1f} %"
    return f"{mean}{percent} (95 % interval {low} to {high}, {difference.count} replications)"


def _unit(metric: Metric) -> str:
    return f" {metric.unit}" if metric.unit else ""


def number(value: float) -> str:
    """A number for people: three significant digits, whole ones from a thousand on with separators."""
    if abs(value) >= 999.5:
        return f"{value:,.0f}"
    return f"{value:.3g}"
