"""Prints how often the intervals that users get hold the truth: the tables of docs/statistics.md.

    python -m tests.statistical.measure_coverage [--repetitions 1000] [--precise 1000] [--workers 2] [--keep FOLDER]

Each repetition is what one user of scenarios/theory/mm1.yaml gets, with a seed of its own. With --keep the runs stay
in a folder, and are read from there the next time. On one core 1,000 repetitions take about an hour.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from math import log
from operator import attrgetter
from pathlib import Path
from statistics import fmean

from scipy import stats

from sim.experiment.intervals import Interval
from tests.statistical.coverage import (
    CUTS,
    DIFFERENCE_OF_10,
    MEAN_OF_10,
    MEAN_TO_PRECISION,
    P95_OF_10,
    QUESTIONS,
    Drawn,
    Found,
    drawn,
    of_ten,
    to_precision,
)
from tests.statistical.kept_runs import CASES, SERVICE_S

_AT_ONCE = 10  # repetitions handed to a worker
_HEADER_OF_RUNS = (
    "| load | a run | operations | relaxations | warm-up | precision | skewness | saturated | weighted | pooled p95 |",
    "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
)
_HEADER = (
    "| load | cut | question | repl. | half-width | no interval | mean is | holds it | below, above | holds theory |",
    "| ---: | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What became of the intervals of all repetitions, for one load, cut and question. Shares are of those with one.

    `expected` is the mean over all repetitions: what the interval is an interval for. `theory` is what holds at rest.
    """

    first: Found
    expected: float
    theory: float
    intervals: tuple[Interval, ...]
    asked: int

    def share_that_hold(self, value: float) -> float:
        """How many hold a value."""
        return fmean((each.low or 0) <= value <= (each.high or 0) for each in self.intervals)

    @property
    def row(self) -> str:
        """A line of the table."""
        below = fmean((each.high or 0) < self.expected for each in self.intervals)
        above = fmean((each.low or 0) > self.expected for each in self.intervals)
        half = fmean((each.half or 0) / abs(each.mean) for each in self.intervals)
        cells = (
            f"{self.first.utilisation}",
            self.first.cut,
            self.first.question,
            f"{fmean(each.count for each in self.intervals):.3g}",
            f"{half:.1%}",
            f"{1 - len(self.intervals) / self.asked:.1%}",
            f"{self.expected / self.theory - 1:+.1%}",
            f"{self.share_that_hold(self.expected):.1%}",
            f"{below:.1%}, {above:.1%}",
            f"{self.share_that_hold(self.theory):.1%}",
        )
        return f"| {' | '.join(cells)} |"


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the study and prints the table."""
    options = _options(arguments)
    work = partial(_of_one_seed, precise=options.precise, folder=options.keep)
    with ProcessPoolExecutor(options.workers) as pool:
        every = pool.map(work, range(1, options.repetitions + 1), chunksize=_AT_ONCE)
        made = list(_told(every, options.repetitions))
    found = [each for one in made for each in one.found]
    print(*_HEADER_OF_RUNS, *(row_of_runs([one.drawn[place] for one in made]) for place in range(len(CASES))), sep="\n")
    print()
    print(*_HEADER, *(coverage.row for coverage in judged(found)), sep="\n")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.statistical.measure_coverage")
    parser.add_argument("--repetitions", type=int, default=1000)
    parser.add_argument("--precise", type=int, default=1000, help="so many of them ask for a precision as well")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keep", type=Path, default=None, metavar="FOLDER")
    return parser.parse_args(arguments)


@dataclass(frozen=True, slots=True)
class _Made:
    """What one seed gave: what was drawn, by case, and the intervals."""

    drawn: list[Drawn]
    found: list[Found]


def _of_one_seed(seed: int, *, precise: int, folder: Path | None) -> _Made:
    found = [each for case in CASES for each in of_ten(case, seed, folder=folder)]
    if seed <= precise:
        found += [each for case in CASES for each in to_precision(case, seed, folder=folder)]
    return _Made([drawn(case, seed, folder=folder) for case in CASES], found)


def row_of_runs(several: Sequence[Drawn]) -> str:
    """A line of the table of runs, about one case."""
    case = several[0].case
    means = [mean for one in several for mean in one.means_s]
    weighted = sum(one.total_s for one in several) / sum(one.operations for one in several)
    pooled = fmean(one.pooled_p95_s for one in several)
    cells = (
        f"{case.utilisation}",
        f"{case.duration_s:g} s",
        f"{case.rate_per_s * case.duration_s:,.0f}",
        f"{case.duration_s / case.relaxation_s:.2g}",
        f"{case.warm_up_s:g} s",
        f"{case.precision:g}",
        f"{stats.skew(means):.2f}",
        f"{sum(one.saturated for one in several) / len(means):.1%}",
        f"{weighted / theory(case.utilisation, MEAN_OF_10) - 1:+.1%}",
        f"{pooled / theory(case.utilisation, P95_OF_10) - 1:+.1%}",
    )
    return f"| {' | '.join(cells)} |"


def _told(every: Iterable[_Made], count: int) -> Iterator[_Made]:
    for number, several in enumerate(every, start=1):
        if sys.stderr.isatty():
            print(f"\r{number} of {count} repetitions", end="\n" if number == count else "", file=sys.stderr)
        yield several


def judged(found: Sequence[Found]) -> list[Coverage]:
    """One for each load, cut and question, in this order; what nobody got an interval for is left out."""
    key = attrgetter("utilisation", "cut", "question")
    ranked = sorted(found, key=lambda each: (each.utilisation, CUTS.index(each.cut), QUESTIONS.index(each.question)))
    groups = {which: list(group) for which, group in groupby(ranked, key)}
    expected = {which: _mean(group) for which, group in groups.items()}
    return [
        Coverage(
            first=group[0],
            # Stopping when it looks precise moves the mean: that is a fault of the procedure, no other truth.
            expected=expected[(load, cut, MEAN_OF_10 if question == MEAN_TO_PRECISION else question)],
            theory=theory(load, question),
            intervals=tuple(each.interval for each in group if each.interval is not None),
            asked=len(group),
        )
        for (load, cut, question), group in groups.items()
        if any(each.interval is not None for each in group)
    ]


def _mean(group: Sequence[Found]) -> float:
    return fmean(each.interval.mean for each in group if each.interval is not None)


def theory(load: float, question: str) -> float:
    """The latency of M/M/1 at rest is exponential, so all follows from its mean 1 / (service rate - arrival rate)."""
    slow, fast = (1 / (1 / service_s - load / SERVICE_S["slow"]) for service_s in SERVICE_S.values())
    return {P95_OF_10: -log(0.05) * slow, DIFFERENCE_OF_10: fast - slow}.get(question, slow)


if __name__ == "__main__":
    main()
