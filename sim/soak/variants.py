"""Cases from given scenario files: the strategy, the seed, the order of ties and more faults are drawn."""

import copy
from functools import partial
from hashlib import blake2b
from random import Random

from sim.scenario import Scenario, resolved
from sim.soak.campaign import Draw
from sim.soak.case import Case, Data
from sim.soak.drawing_faults import draw_faults


def draw_from(scenarios: list[Scenario]) -> Draw:
    """What draws the cases of a soak over these scenarios, one after the other."""
    return partial(_drawn, [_plain(scenario) for scenario in scenarios])


def _plain(scenario: Scenario) -> Data:
    """What a case needs of it: without promises about metrics, which name strategies that a case leaves out."""
    return {**resolved(scenario), "thresholds": [], "published": []}


def _drawn(scenarios: list[Data], seed: int, number: int) -> Case:
    digest = blake2b(f"soak {seed} run {number} of files".encode(), digest_size=8).digest()
    random = Random(int.from_bytes(digest))
    data = copy.deepcopy(scenarios[number % len(scenarios)])
    data["strategies"] = [random.choice(data["strategies"])]
    data["horizon"]["ties"] = random.choice(("scheduled", "drawn"))
    span_s = data["horizon"]["duration_s"]
    data["faults"] = [*data["faults"], *draw_faults(random, data, span_s=span_s)]
    return Case(data, random.getrandbits(32))
