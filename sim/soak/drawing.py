"""Draws a case from a soak's seed and the number of the run: swarm testing (Groce et al., ISSTA 2012).

Each run leaves out a random part of what there is: kinds of operations, drivers, faults. So rare combinations meet, and
none drowns the others. Timings are drawn from few extreme values rather than from one smooth range, because races need
coincidence. Numbers here are choices of what is worth meeting, not models of anything (all are assumptions).
"""

from hashlib import blake2b
from random import Random
from typing import Any

from sim.soak.case import Case, Data
from sim.soak.drawing_faults import draw_faults
from sim.soak.drawing_load import draw_load

OPERATIONS = 20  # of a run
_SPANS_S = (0.0, 0.2, 1.0, 1.0, 4.0, 15.0)  # within which the operations of a run arrive
_ROUND_TRIPS_S = (0.0, 0.0005, 0.0005, 0.02, 0.2)
_EXECUTIONS_S = (0.0, 0.0003, 0.05)
_COMMITS_S = (0.0, 0.002, 0.1, 0.5)
_BINDS_S = (0.0, 0.05, 0.5, 0.5, 3.0)
_TELLS_S = (0.0, 0.02, 1.0)
_METHODS = (
    "bind_port", "create_port_precommit", "create_port_postcommit", "update_port_precommit", "update_port_postcommit",
    "delete_port_precommit", "delete_port_postcommit",
)  # fmt: skip


def draw_case(seed: int, number: int, *, operations: int = OPERATIONS) -> Case:
    """Run `number` of the soak with this seed."""
    digest = blake2b(f"soak {seed} run {number}".encode(), digest_size=8).digest()
    random = Random(int.from_bytes(digest))
    span_s = random.choice(_SPANS_S)
    hosts = random.choice((1, 2, 2, 3))
    drivers, controllers = _drivers(random, hosts)
    data: Data = {
        "question": f"Run {number} of the soak with seed {seed}: does everything that is promised hold?",
        "strategies": [_strategy(random)],
        "horizon": {
            "duration_s": span_s + 1.0, "drain_limit_s": 1000.0, "max_virtual_time_s": 3000.0,
            "ties": random.choice(("scheduled", "drawn", "drawn", "drawn")),
        },
        "workload": draw_load(random, operations=operations, span_s=span_s, hosts=hosts),
        "topology": {"tenants": 1, "subnets_per_tenant": random.choice((0, 1)), "hosts": hosts,
                     "ip_allocation": random.random() < 0.7},
        "api": _api(random),
        "database": _database(random),
        "drivers": drivers,
        "controllers": controllers,
        "primary_metric": "latency_s.all.p95",
    }  # fmt: skip
    data["faults"] = draw_faults(random, data, span_s=span_s)
    return Case(data, random.getrandbits(32))


def _strategy(random: Random) -> Data:
    base = random.choice(("deferred", "deferred", "serialized", "in-transaction"))
    if base == "in-transaction":
        return {"name": base, "base": base, "process_lock": random.random() < 0.3}
    made: Data = {"name": base, "base": base, "max_attempts": random.choice((10, 10, 3, 1))}
    if random.random() < 0.2:
        made |= {"name": f"{base}-no-reads", "reads_bind": False}
    elif random.random() < 0.1:
        made |= {"name": f"{base}-by-values", "concurrency_check": "values"}
    if base == "serialized":
        made |= {"lease_s": random.choice((60.0, 5.0, 1.0, 0.3)), "lease_poll_s": random.choice((0.1, 0.02))}
    return made


def _api(random: Random) -> Data:
    kind = random.choice(("threads", "threads", "threads", "eventlet"))
    made: Data = {"kind": kind, "processes": random.choice((1, 2, 3)), "threads": random.choice((1, 2, 4)), "cores": 4}
    made["cpu_s"] = random.choice((0.0, 0.001))
    made["cpu_s_per_statement"] = random.choice((0.0, 0.0001))
    if kind == "eventlet":
        made["db_driver"] = random.choice(("green", "blocking"))
    return made


def _database(random: Random) -> Data:
    made: Data = {
        "profile": random.choice(("innodb", "innodb", "postgresql", "sqlite")),
        "round_trip_s": random.choice(_ROUND_TRIPS_S),
        "execution_s": random.choice(_EXECUTIONS_S),
        "commit_s": random.choice(_COMMITS_S),
        "commit_slots": random.choice((1, 4)),
        "conflict_retries": random.choice((20, 20, 20, 2, 0)),
    }
    if random.random() < 0.4:
        made["lock_wait_timeout_s"] = random.choice((0.3, 1.0, 5.0))
    if random.random() < 0.15:
        made["pool"] = {"size": 1, "max_overflow": random.choice((0, 1)), "timeout_s": random.choice((0.5, 30.0))}
    return made


def _drivers(random: Random, hosts: int) -> tuple[list[Data], list[Data]]:
    """One to three drivers of which one can bind, and the controllers that they call."""
    binding = random.choice(("controller", "controller", "controller", "journal", "agent"))
    kinds = [binding]
    if random.random() < 0.4:
        kinds.insert(random.choice((0, 1)), random.choice(("controller", "agent", "logger")))
    if random.random() < 0.1:
        kinds.append("logger")
    drivers, controllers = [], []
    for place, kind in enumerate(kinds):
        driver: Data = {"name": f"{kind}-{place}", "kind": kind}
        if kind in ("controller", "journal"):
            driver["controller"] = f"sdn-{place}"
            controllers.append(_controller(random, f"sdn-{place}", hosts, patient=kind == "journal"))
        drivers.append(driver | _injected(random))
    return drivers, controllers


def _injected(random: Random) -> Data:
    """More latency or errors for a few methods of a driver."""
    made: Data = {}
    if random.random() < 0.25:
        made["error_probability"] = {random.choice(_METHODS): random.choice((0.1, 0.5))}
    if random.random() < 0.25:
        made["latency"] = {random.choice(_METHODS): random.choice((0.05, 1.0))}
    return made


def _controller(random: Random, name: str, hosts: int, *, patient: bool) -> Data:
    """One that a journal is delivered to answers in time: else the run would be nothing but deliveries."""
    made: Data = {
        "name": name,
        "latency": {"bind": _latency(random), "confirm": random.choice(_TELLS_S), "drop": random.choice(_TELLS_S)},
        "concurrency": random.choice((1, 2, 50)),
        "timeout_s": 60.0 if patient else random.choice((10.0, 10.0, 1.0, 0.3)),
        "ordering": random.choice(("last_write", "revision")),
    }
    if random.random() < 0.3:
        made["error_probability"] = 0.1 if patient else random.choice((0.1, 0.5))
    if hosts > 1 and random.random() < 0.2:
        made["hosts"] = {"first": 0, "count": hosts - 1}
    return made


def _latency(random: Random) -> Any:
    median_s = random.choice(_BINDS_S)
    if not median_s or random.random() < 0.5:
        return median_s
    return {"lognormal": {"median_s": median_s, "p95_s": 3 * median_s}}
