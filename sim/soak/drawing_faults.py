"""Draws the faults of a run: none in a third of the runs, else one to three kinds of those that fit its system."""

from collections.abc import Callable
from random import Random

from sim.soak.case import Data

_POINTS = (
    "anywhere", "before_commit", "after_commit", "in_driver_call", "between_transactions", "before_postcommit",
    "holding_lease",
)  # fmt: skip
_MOMENTS = ("statement", "before_commit", "during_commit", "during_commit", "after_commit")
_NAMED = ("create_port", "update_port", "delete_port", "commit_binding")

Drawn = Callable[[Random, Data, float], Data | None]


def draw_faults(random: Random, data: Data, *, span_s: float) -> list[Data]:
    """The faults of a run whose other parts are drawn."""
    if random.random() < 0.33:
        return []
    chosen = random.sample(_KINDS, k=random.choice((1, 1, 2, 3)))
    drawn = (kind(random, data, span_s) for kind in chosen)
    return [fault for fault in drawn if fault is not None]


def _crash(random: Random, data: Data, span_s: float) -> Data:
    restart = random.choice((0.1, 1.0, 10.0))
    if random.random() < 0.2:
        process = random.randrange(data["api"]["processes"])
        return {"crash": {"at_s": random.random() * span_s, "process": process, "restart_after_s": restart}}
    point = random.choice(_POINTS)
    probability = {"anywhere": 0.01, "in_driver_call": 0.05, "holding_lease": 0.05}.get(point, 0.1)
    return {"crash": {"point": point, "probability": probability, "restart_after_s": restart}}


def _controller(random: Random, data: Data, span_s: float) -> Data | None:
    if not data["controllers"]:
        return None
    what: Data = random.choice(
        ({"down": True}, {"latency_factor": 20.0}, {"error_probability": 0.7}, {"answer_loss_probability": 0.7})
    )
    window = {"at_s": random.random() * span_s, "for_s": random.choice((0.5, 5.0))}
    return {"controller": {"name": random.choice(data["controllers"])["name"], **window, **what}}


def _connection(random: Random, data: Data, span_s: float) -> Data:
    when = random.choice(_MOMENTS)
    made: Data = {"when": when, "probability": random.choice((0.02, 0.1) if when == "statement" else (0.05, 0.3))}
    if random.random() < 0.4:
        made["transactions"] = [random.choice(_NAMED)]
    return {"connection": made}


def _failover(random: Random, data: Data, span_s: float) -> Data | None:
    if data["database"]["profile"] == "galera":
        return None  # the nodes of the modelled cluster do not die
    return {"failover": {"at_s": random.random() * span_s, "pause_s": random.choice((0.5, 7.7))}}


def _deadlock(random: Random, data: Data, span_s: float) -> Data:
    made: Data = {"probability": random.choice((0.02, 0.1, 0.5))}
    if random.random() < 0.5:
        made["transactions"] = [random.choice(_NAMED)]
    return {"deadlock": made}


def _impatience(random: Random, data: Data, span_s: float) -> Data | None:
    usual_s = data["workload"].get("client", {}).get("timeout_s") or 1000.0
    shorter = [patience for patience in (0.05, 0.2, 0.5, 3.0) if patience < usual_s]
    if not shorter:
        return None
    patience_s = random.choice(shorter)
    return {"impatience": {"probability": random.choice((0.1, 0.5)), "patience_s": patience_s}}


def _agent(random: Random, data: Data, span_s: float) -> Data | None:
    if all(driver["kind"] != "agent" for driver in data["drivers"]):
        return None
    host = random.randrange(data["topology"]["hosts"])
    return {"agent": {"host": host, "at_s": random.random() * span_s * 0.5, "for_s": random.choice((0.5, 5.0))}}


_KINDS: tuple[Drawn, ...] = (
    _crash,
    _crash,
    _controller,
    _connection,
    _connection,
    _failover,
    _deadlock,
    _impatience,
    _agent,
)
