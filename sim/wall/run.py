"""One run in real time: `run(scenario, database=..., strategy=..., seed=...)`. The counterpart of sim.simulation."""

from dataclasses import replace

from sim.history import Facts, History
from sim.model.collector import rare_collections
from sim.model.recording import facts_of
from sim.running import Progress, Run, chosen_strategy, quiet_core, replication_seed, run_of
from sim.scenario import Scenario, ScenarioError, Strategy
from sim.servers import RunDatabase
from sim.wall.engine import WallEngine
from sim.wall.folder import run_folder
from sim.wall.interrupts import Interrupts
from sim.wall.probe import ProbeMaker
from sim.wall.support import unsupported
from sim.wall.system import WallSystem

_OF_THE_LATEST = {"isolation", "answers"}  # promises that reads see what was committed last


def run(
    scenario: Scenario,
    *,
    database: RunDatabase,
    strategy: str | Strategy | None = None,
    seed: int = 1,
    replication: int = 0,
    progress: Progress | None = None,
    history: bool = False,
    probe: ProbeMaker | None = None,
) -> Run:
    """Runs a scenario once on a database, whose tables are made anew.

    Arguments are those of sim.simulation.run. Modelled costs (`api.cpu_s`, `database.round_trip_s` and the like) have
    no meaning here: things cost what they cost. `probe` measures the API processes. ScenarioError for what cannot be
    had in real time, WallError when an API process fails.
    """
    variant = chosen_strategy(scenario, strategy)
    problems = unsupported(scenario, is_private=database.is_private, strategies=[variant])
    if problems:
        raise ScenarioError(problems)
    with run_folder() as folder:
        system = WallSystem(
            scenario, variant, seed=replication_seed(seed, replication), database=database, folder=folder,
            history=history, probe=probe,
        )  # fmt: skip
        try:
            with quiet_core(), rare_collections(), Interrupts() as interrupts:
                system.crew.before_poll = interrupts.look
                engine = WallEngine(system, progress=progress)
                ending = engine.run()
            system.tables = engine.tables
            found = run_of(system, variant, ending, seed=seed, replication=replication, counts=engine.counts)
        finally:
            system.close()
    if engine.history is not None:
        facts = facts_of(scenario, variant.policies, seed=seed, replication=replication)
        found.history = History(_ended(facts, engine, database.address.isolation), engine.history.tables)
    return found


def _ended(facts: Facts, engine: WallEngine, isolation: str) -> Facts:
    """Under another level than READ COMMITTED a read sees the snapshot of the transaction's first statement."""
    ending = engine.ending
    beyond = _OF_THE_LATEST if isolation != "read_committed" else set()
    return replace(
        facts, promises=tuple(each for each in facts.promises if each not in beyond), exact=False,
        quiescent=ending.quiescent, rest=ending.rest, end_us=ending.virtual_us,
        read_once=ending.lost["missing.after_read"] is not None,
    )  # fmt: skip
