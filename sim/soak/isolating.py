"""The operations on one port alone, at several distances in time. Used by the shrinker.

Where operations on other ports only take up time, leaving out one of them undoes the coincidence that a race needs, so
that none can be left out by itself. Every candidate has fewer operations than what it is made from.
"""

import copy
from collections.abc import Iterator

from sim.soak.case import Data

_GAPS_S = (0.0, 0.1, 0.3, 1.0)  # between an operation and the next; an assumption, as is what follows
_WIDE_S = 1.0  # a time that bind_port takes, so that whatever comes soon comes during it


def isolated(data: Data) -> Iterator[Data]:
    """Only the operations on one port: as they are, then closer together or apart, then with a slow bind_port."""
    script = data["workload"]["arrivals"].get("script") or []
    for port in dict.fromkeys(port for port in map(_port, script) if port is not None):
        kept = [item for item in script if _port(item) == port]
        if len(kept) < len(script):
            yield _with_script(data, kept)
            yield from (_with_script(data, _apart(kept, gap_s)) for gap_s in _GAPS_S)
            yield from (_slow(_with_script(data, _apart(kept, gap_s))) for gap_s in _GAPS_S)


def _port(item: Data) -> tuple[str, int] | None:
    """The port that an operation is about; None for a list, and where it is drawn."""
    if item["operation"] == "create_port":
        return "created", item["number"]
    if item.get("port_of") is not None:
        return "created", item["port_of"]
    return None if item.get("port") is None else ("initial", item["port"])


def _apart(script: list[Data], gap_s: float) -> list[Data]:
    return [{**item, "at_s": round(place * gap_s, 6)} for place, item in enumerate(script)]


def _with_script(data: Data, script: list[Data]) -> Data:
    changed = copy.deepcopy(data)
    changed["workload"]["arrivals"]["script"] = copy.deepcopy(script)
    changed["horizon"]["duration_s"] = max(changed["horizon"]["duration_s"], script[-1]["at_s"] + 1.0)
    return changed


def _slow(data: Data) -> Data:
    for controller in data.get("controllers", ()):
        controller["latency"]["bind"] = _WIDE_S
    return data
