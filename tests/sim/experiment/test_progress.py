from sim.experiment.jobs import jobs_for
from sim.experiment.progress import Meter, Progress, durations_us
from sim.scenario import Scenario

S = 1_000_000


def test_time_left_follows_from_the_share_that_is_done(scenario: Scenario) -> None:
    seen: list[Progress] = []
    times = iter([0.0, 10.0, 20.0, 30.0])
    meter = Meter(
        durations_us(jobs_for(scenario, ("deferred",), seed=1, replications=2)), seen.append, clock=lambda: next(times)
    )
    meter.report(0, 25 * S, 100)
    meter.finish(0, 80 * S, 300)
    meter.finish(1, 80 * S, 300)
    assert [reading.left_s for reading in seen] == [30.0, 20.0, 0.0]
    assert [reading.operations_per_s for reading in seen] == [10.0, 15.0, 20.0]
    assert seen[1].virtual_s == 80.0


def test_a_replication_in_its_drain_is_never_called_done(scenario: Scenario) -> None:
    seen: list[Progress] = []
    times = iter([0.0, 95.0])
    meter = Meter(
        durations_us(jobs_for(scenario, ("deferred",), seed=1, replications=1)), seen.append, clock=lambda: next(times)
    )
    meter.report(0, 900 * S, 100)
    assert round(seen[0].left_s or 0.0, 6) == 5.0
    assert seen[0].replications_done == 0
