"""One run of a scenario: `run(scenario, strategy=..., seed=...)`. The door to the simulator.

Called by users, experiments and the command line. Everything in a `Run` follows from the scenario, the strategy, the
seed and the number of the replication; it reads no clock but the virtual one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from sim.database import StoreMaker
from sim.database.engine_storage import stored_in
from sim.history import History
from sim.kernel import Draws
from sim.model.collector import quick_collections, rare_collections
from sim.model.engine import Ending, Engine
from sim.model.recording import facts_of
from sim.model.system import System
from sim.neutron_drivers import explained
from sim.running import Progress, Run, chosen_strategy, quiet_core, replication_seed, run_of
from sim.scenario import Scenario, ScenarioError, Strategy, unsupported_virtually
from sim.servers import RunDatabase


def run(
    scenario: Scenario,
    *,
    strategy: str | Strategy | None = None,
    seed: int = 1,
    replication: int = 0,
    progress: Progress | None = None,
    history: bool = False,
    storage: str | RunDatabase | None = None,
) -> Run:
    """Runs a scenario once.

    `strategy` is one of its variants by name, a built-in one, or an object; without it the first. Each replication
    draws its own arrivals. With `history` the run is recorded for the checker (sim.history).
    `progress(virtual_us, answered)` is called about once a virtual second. `storage` is a real database that holds the
    rows instead of SQLite and gives the same tables (docs/storage.md): postgresql, mariadb, a SQLAlchemy URL or an
    opened one. ValueError for a strategy that there is not, or a seed below 0; ScenarioError for an isolation level
    that the model does not have.
    """
    if problems := unsupported_virtually(scenario):
        raise ScenarioError(problems)
    variant = chosen_strategy(scenario, strategy)
    draws = Draws(replication_seed(seed, replication))
    with explained(), stored_in(storage) as made:
        system = System(scenario, variant, draws=draws, record=history, storage=made)
        try:
            with quiet_core(), rare_collections():
                ending = Engine(system, progress=progress).run()
            found = run_of(system, variant, ending, seed=seed, replication=replication, counts=_counts(system))
            found.history = history_of(system, ending, seed=seed, replication=replication)
            return found
        finally:
            system.close()


@contextmanager
def executed(
    scenario: Scenario, variant: Strategy, *, seed: int, replication: int = 0, history: bool = False,
    levels: bool = True, storage: StoreMaker | None = None,
) -> Iterator[tuple[System, Ending]]:  # fmt: skip
    """One run without facts for metrics: the system at its end, which is closed afterwards, and how it ended.

    For thousands of small runs in a row, all inside one `many_runs`. `levels` False leaves that table empty; `storage`
    is what `stored_in` gives.
    """
    draws = Draws(replication_seed(seed, replication))
    with explained():
        system = System(scenario, variant, draws=draws, record=history, levels=levels, storage=storage)
        try:
            yield system, Engine(system).run()
        finally:
            system.close()


@contextmanager
def many_runs() -> Iterator[None]:
    """What is done once around many small runs: the core is quiet, the garbage collector leaves alone what exists."""
    with quiet_core(), quick_collections():
        yield


def history_of(system: System, ending: Ending, *, seed: int, replication: int) -> History | None:
    """What a system that has run recorded; None where it recorded nothing."""
    if system.history is None:
        return None
    began = facts_of(system.scenario, system.strategy, seed=seed, replication=replication)
    facts = replace(
        began,
        quiescent=ending.quiescent,
        read_once=ending.lost["missing.after_read"] is not None,
        rest=ending.rest,
        end_us=ending.virtual_us,
    )
    return History(facts, system.history.tables)


def _counts(system: System) -> dict[str, int]:
    counts = dict(system.recorder.counts)
    counts["replayed_statements"] = system.server.storage.replayed
    counts["commits"] = system.server.feed.commits
    counts.update(system.server.counts())
    if system.load.skipped_follow_ups:
        counts["skipped_follow_ups"] = system.load.skipped_follow_ups
    for name, controller in system.controllers.items():
        counts[f"refused_confirmations-{name}"] = controller.table.refused
    return counts
