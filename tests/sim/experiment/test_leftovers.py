"""What finished runs leave behind does not pile up."""

import gc
import weakref

from sim.experiment.jobs import Job, perform, simulate
from sim.experiment.leftovers import LateCollections
from tests.sim.experiment.planning.systems import system


class _Cycle:
    def __init__(self) -> None:
        self.me = self


def test_everything_is_collected_once_in_so_many_operations() -> None:
    late = LateCollections(operations=100)
    gc.collect()
    gc.disable()
    try:
        left = weakref.ref(_Cycle())
        late.after(60)
        assert left() is not None
        late.after(60)
        assert left() is None
    finally:
        gc.enable()


def test_a_process_that_makes_one_run_after_the_other_keeps_its_size() -> None:
    scenario = system(horizon={"duration_s": 80}, workload={"arrivals": {"poisson": {"rate_per_s": 30}},
                      "operations": [{"operation": "create_port"}]})  # fmt: skip

    def objects_after(runs: int) -> int:
        for number in range(runs):
            job = Job(scenario=scenario, strategy="deferred", label="deferred", seed=1, replication=number, draw=number)
            perform(job, simulate, lambda *_: None)
        return len(gc.get_objects())

    objects_after(9)  # 21,600 operations: one collection, and all caches are full
    first = objects_after(9)
    assert objects_after(9) < 1.1 * first
