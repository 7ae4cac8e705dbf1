"""Published measurements beside what the simulator predicts for them.

sim.cli.running calls it for a scenario that lists some. The predictions come from runs of their own, with the settings
that the scenario gives for what was measured.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import fill
from typing import Any, Protocol

from rich.console import Console

from sim.cli.progress import shown_progress
from sim.experiment import Comparison, Settings, choose_strategies, compare
from sim.experiment.samples import Estimate
from sim.experiment.verdict import number
from sim.scenario import Published, Scenario, as_text, with_overrides

_WIDTH = 80


class HowToRun(Protocol):
    """What the order says about running."""

    @property
    def seed(self) -> int: ...
    @property
    def replications(self) -> int: ...
    @property
    def workers(self) -> int | None: ...


@dataclass(frozen=True)
class Prediction:
    """One published value and the estimate of it."""

    published: Published
    strategy: str
    estimate: Estimate

    @property
    def ratio(self) -> float | None:
        """Predicted over published."""
        if self.estimate.mean is None or not self.published.value:
            return None
        return self.estimate.mean / self.published.value

    def data(self) -> dict[str, Any]:
        """As it stands in JSON."""
        return {
            "label": self.published.label,
            "metric": self.published.metric,
            "strategy": self.strategy,
            "predicted": self.estimate.mean,
            "published": self.published.value,
            "ratio": self.ratio,
            "source": self.published.source,
        }


def predictions(scenario: Scenario, how: HowToRun) -> Iterator[Prediction]:
    """A prediction for each published value; values of the same settings come from the same runs."""
    known: dict[str, Comparison] = {}
    for published in scenario.published:
        strategy = published.strategy or scenario.strategies[0].name
        key = json.dumps([strategy, published.settings], sort_keys=True)
        if key not in known:
            known[key] = _measured(scenario, published, strategy, how)
        yield Prediction(published, strategy, known[key].row(published.metric).estimates[strategy])


def _measured(scenario: Scenario, published: Published, strategy: str, how: HowToRun) -> Comparison:
    changed = with_overrides(scenario, [as_text(path, value) for path, value in published.settings.items()])
    chosen, names = choose_strategies(changed, [strategy])
    with shown_progress(published.label) as listener:
        settings = Settings(
            replications=how.replications, seed=how.seed, workers=how.workers, on_progress=listener
        )  # fmt: skip
        found = compare(chosen, strategies=names, settings=settings)
    if not isinstance(found, Comparison):
        raise TypeError(f"a comparison of {scenario.name} was asked for, not {type(found).__name__}")
    return found


def print_predictions(found: Sequence[Prediction], console: Console) -> None:
    """A table of them, and the sources below."""
    if not found:
        return
    lines = ["", "Predicted beside published", f"{'':<30}{'predicted':>24}{'published':>12}{'ratio':>8}"]
    lines += [_line(prediction) for prediction in found]
    sources = dict.fromkeys(prediction.published.source for prediction in found)
    lines += [_note("Published", source) for source in sources]
    lines += [_note("Not in the predictions", words) for words in dict.fromkeys(_left_out(found))]
    console.print("\n".join(lines), soft_wrap=True, markup=False)


def _left_out(found: Sequence[Prediction]) -> Iterator[str]:
    yield from (each.published.leaves_out for each in found if each.published.leaves_out)


def _note(what: str, words: str) -> str:
    return fill(f"{what}: {words.rstrip('.')}.", _WIDTH, subsequent_indent="  ")


def _line(prediction: Prediction) -> str:
    ratio = "" if prediction.ratio is None else f"{prediction.ratio:.2f}"
    published = number(prediction.published.value)
    return f"{prediction.published.label[:29]:<30}{_predicted(prediction.estimate):>24}{published:>12}{ratio:>8}"


def _predicted(estimate: Estimate) -> str:
    interval = estimate.interval
    if interval is None:
        return estimate.note or "unknown"
    if interval.low is None or interval.high is None:
        return number(interval.mean)
    return f"{number(interval.mean)} [{number(interval.low)}, {number(interval.high)}]"
