"""The faults of a scenario that have a time: what figures over time shade.

Read from the resolved scenario of a manifest. Faults that are drawn have no time of their own and are counted only.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """From when to when something is wrong (equal for an instant, `to_s` None for ever), and what, in words."""

    from_s: float
    to_s: float | None
    words: str


def timed_faults(scenario: Data) -> list[Window]:
    """Every window in which something is wrong, by its beginning."""
    degraded = [
        Window(from_s=each["from_s"], to_s=each["to_s"], words=f"{controller['name']} degraded")
        for controller in scenario.get("controllers", [])
        for each in controller.get("degraded", [])
    ]
    return sorted([*degraded, *_timed(scenario)], key=lambda window: window.from_s)


def drawn_faults(scenario: Data) -> int:
    """How many faults of the scenario are drawn, so that they have no time of their own."""
    return len(scenario.get("faults", [])) - sum(1 for _ in _timed(scenario))


def _timed(scenario: Data) -> Iterator[Window]:
    for fault in scenario.get("faults", []):
        for kind, settings in fault.items():
            if settings is not None and settings.get("at_s") is not None:
                yield _WINDOWS[kind](settings)


def _crash(fault: Data) -> Window:
    restart = fault.get("restart_after_s")
    words = f"api-{fault['process']} crashed"
    return Window(from_s=fault["at_s"], to_s=None if restart is None else fault["at_s"] + restart, words=words)


def _controller(fault: Data) -> Window:
    words = f"{fault['name']} {'down' if fault.get('down') else 'faulty'}"
    return Window(from_s=fault["at_s"], to_s=fault["at_s"] + fault["for_s"], words=words)


def _failover(fault: Data) -> Window:
    return Window(from_s=fault["at_s"], to_s=fault["at_s"] + fault["pause_s"], words="fail-over")


def _agent(fault: Data) -> Window:
    lasts = fault.get("for_s")
    end = None if lasts is None else fault["at_s"] + lasts
    return Window(from_s=fault["at_s"], to_s=end, words=f"agent of host-{fault['host']} dead")


def _instant(words: str) -> Callable[[Data], Window]:
    return lambda fault: Window(from_s=fault["at_s"], to_s=fault["at_s"], words=words)


_WINDOWS: Final[dict[str, Callable[[Data], Window]]] = {
    "crash": _crash,
    "controller": _controller,
    "failover": _failover,
    "agent": _agent,
    "connection": _instant("connection lost"),
    "deadlock": _instant("deadlock"),
}
