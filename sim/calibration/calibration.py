"""calibrate and what it returns: the door of this package for notebooks and the command line."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sim.calibration.blocks import as_yaml, blocks, provenance
from sim.calibration.chosen import chosen
from sim.calibration.costs import CallCosts, Costs, costs_of
from sim.calibration.measuring import Circumstances, Measured, OnProgress, measure, served
from sim.fitting import FEWEST_ROWS
from sim.metrics.html import page_table, sentence
from sim.scenario import Scenario
from sim.servers import RunDatabase, opened

if TYPE_CHECKING:
    import pandas as pd

FEWEST_SAMPLES = FEWEST_ROWS
SAMPLES = 1500
"""Operations of each kind under each strategy, unless said otherwise: about a minute in all."""
STRATEGIES = ("in-transaction", "deferred")


class CalibrationError(ValueError):
    """A calibration that cannot be made; one sentence that says why and what is allowed."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Calibration:
    """What a database and the core cost on the machine where this was measured."""

    measured: Measured
    costs: Costs

    @property
    def circumstances(self) -> Circumstances:
        """What was measured, where and when."""
        return self.measured.circumstances

    def in_service(self, scenario: Scenario, database: RunDatabase, *, seed: int = 1) -> "Calibration":
        """The same with what a scenario shows in service on this database: in real time, at its load, once under each
        of its strategies. The database's tables are made anew. For predicting runs of this load and strategy."""
        measured = served(self.measured, scenario, database, seed=seed)
        return Calibration(measured=measured, costs=costs_of(measured))

    def blocks(self) -> dict[str, Any]:
        """`{"database": {...}, "api": {...}}` as plain data, to be merged into a scenario."""
        return blocks(self.costs, self.circumstances)

    def yaml(self, command: str = "sim.calibration.calibrate") -> str:
        """The blocks as a scenario's file has them, under a comment with their provenance."""
        return as_yaml(self.blocks(), self.circumstances, command)

    @cached_property
    def calls(self) -> tuple[CallCosts, ...]:
        """Every name with a cost: SELECT 1, BEGIN if it is a round trip, the statements, COMMITs, giving back."""
        costs = self.costs
        begin = [] if costs.begin is None else [costs.begin]
        ends = (costs.commit, costs.commit_read_only, costs.close)
        return (costs.trivial, *begin, *costs.statements.values(), *ends)

    def frame(self) -> "pd.DataFrame":
        """One row a call: how often it was seen, means in seconds, the distribution of the server's computing."""
        import pandas as pd

        return pd.DataFrame(list(self._rows()))

    def _rows(self) -> Iterator[dict[str, Any]]:
        for call in self.calls:
            best = chosen(call.server)
            yield {
                "call": call.name, "count": call.count, "lasts_s": call.lasts_s, "client_cpu_s": call.cpu_s,
                "server_cpu_s": call.server_s, "distribution": best.name, "ks": best.distance,
                **{f"{word}_error": error for word, error in best.errors.items()},
            }  # fmt: skip

    def data(self) -> dict[str, Any]:
        """As it stands in JSON."""
        from dataclasses import asdict

        costs = self.costs
        return {
            "circumstances": asdict(self.circumstances),
            "calls": list(self._rows()),
            "operations": [asdict(operation) for operation in costs.operations],
            "commits": [{"writers": c.writers, "rate_per_s": c.rate_per_s} for c in costs.commits],
            "round_trip_s": costs.round_trip_s,
            "blocks": self.blocks(),
        }

    def _repr_html_(self) -> str:
        return sentence(provenance(self.circumstances)) + page_table(list(self._rows()))


def calibrate(
    database: str | RunDatabase, *, samples: int = SAMPLES, strategies: Sequence[str] = STRATEGIES,
    scenario: Scenario | None = None, seed: int = 1,
    on_progress: OnProgress = lambda what, share: None,
) -> Calibration:  # fmt: skip
    """Measures a database, `postgresql`, `mariadb` or a SQLAlchemy URL, in a schema made for it and removed afterwards.

    `samples` operations of each kind are performed under each strategy. With a `scenario` it is then run in real time
    too, once under each of its strategies, and what the core, the harness and the server compute is taken from there:
    at its load, on its threads. The tables of a RunDatabase that is open already are made anew and left in it; nobody
    should have connected to its server before. CalibrationError for too few samples, ServerError for a database that
    cannot be had, ScenarioError for a scenario that cannot run in real time.
    """
    if samples < FEWEST_SAMPLES:
        raise CalibrationError(f"samples is {samples}; at least {FEWEST_SAMPLES} are needed, or nothing can be fitted")
    with _open(database) as run:
        measured = measure(
            run, samples=samples, strategies=strategies, scenario=scenario, seed=seed, on_progress=on_progress
        )  # fmt: skip
    on_progress("fits", 0.0)
    return Calibration(measured=measured, costs=costs_of(measured))


@contextmanager
def _open(database: str | RunDatabase) -> Iterator[RunDatabase]:
    if isinstance(database, str):
        with opened(database) as run:
            yield run
    else:
        yield database
