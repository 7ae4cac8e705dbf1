"""Draws the operations of a run: a script over few ports and hosts, so that operations meet."""

from random import Random

from sim.soak.case import Data

_KINDS = ("create_port", "update_port", "delete_port", "get_port", "get_ports")
_CHANGES = ("host", "host", "vnic_type", "profile", "name")
_VALUES = {"vnic_type": ("normal", "direct"), "profile": ("", "a", "b"), "name": ("x", "y")}


def draw_load(random: Random, *, operations: int, span_s: float, hosts: int) -> Data:
    """The workload of a run."""
    initial = random.choice((0, 1, 1, 2, 3))
    script = _script(random, operations, initial=initial, span_s=span_s, hosts=hosts)
    load: Data = {
        "arrivals": {"script": script},
        "ports": {"initial": initial, "bound": random.random() < 0.6},
    }
    if random.random() < 0.25:
        load["client"] = _client(random)
    return load


def _client(random: Random) -> Data:
    made: Data = {"timeout_s": random.choice((0.3, 2.0, 20.0)), "retries": random.choice((1, 2)), "retry_pause_s": 0.1}
    made["on_timeout"] = random.choice(("give_up", "repeat", "delete"))
    return made


def _script(random: Random, operations: int, *, initial: int, span_s: float, hosts: int) -> list[Data]:
    weights = _weights(random, initial)
    instants = sorted(_instant(random, span_s) for _ in range(operations))
    created: list[int] = []
    script = []
    for number, at_s in enumerate(instants):
        kind = random.choices(_KINDS, weights)[0]
        if kind != "create_port" and not initial and not created:
            kind = "create_port"
        item: Data = {"at_s": at_s, "number": number, "operation": kind}
        item |= _target(random, kind, initial, created)
        item |= _settings(random, kind, hosts)
        if kind == "create_port":
            created.append(number)
        script.append(item)
    return script


def _weights(random: Random, initial: int) -> list[float]:
    """Each kind is left out of a third of the runs."""
    weights = [random.choice((0.0, 1.0, 3.0)) for _ in _KINDS]
    if not initial:
        weights[0] = max(weights[0], 0.5)
    return weights if any(weights) else [1.0] * len(_KINDS)


def _instant(random: Random, span_s: float) -> float:
    """A coarse grid half of the time, so that operations share instants."""
    if random.random() < 0.5:
        return round(random.randrange(11) * span_s / 10, 6)
    return round(random.random() * span_s, 6)


def _target(random: Random, kind: str, initial: int, created: list[int]) -> Data:
    """The port that an operation is about; the latest ones most often."""
    if kind in ("create_port", "get_ports"):
        return {}
    if created and (not initial or random.random() < 0.5):
        return {"port_of": created[-1] if random.random() < 0.6 else random.choice(created)}
    return {"port": random.randrange(initial)}


def _settings(random: Random, kind: str, hosts: int) -> Data:
    host = random.randrange(hosts)
    if kind == "create_port":
        return {"host": host} if random.random() < 0.85 else {"bind": False}
    if kind == "get_ports":
        return {"filter": random.choice(("network", "status", "none"))} if random.random() < 0.5 else {
            "filter": "host", "host": host,
        }  # fmt: skip
    if kind != "update_port":
        return {}
    change = random.choice(_CHANGES)
    return {"change": change} | ({"host": host} if change == "host" else {"value": random.choice(_VALUES[change])})
