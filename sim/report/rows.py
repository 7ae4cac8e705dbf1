"""Which metrics the comparison's table shows, in which order, under which words.

The other reports use it too.
"""

from collections.abc import Iterator, Sequence

from sim.metrics.registry import LOST_CLASSES
from sim.scenario.kinds import KINDS

_SHARES = ("p50", "p95", "p99")
_CONFLICTS_SHOWN = 4  # kinds of conflict that get a row of their own


def shown_metrics(known: Sequence[str]) -> list[tuple[str, str]]:
    """(metric, label) of every row, for the metrics that a comparison knows."""
    present = set(known)
    rows = [*_load(), *_latency(), *_bindings(), *_retries(known), *_lost(), *_transactions(), *_windows()]
    return [(metric, label) for metric, label in rows if metric in present]


def _load() -> Iterator[tuple[str, str]]:
    yield "throughput_per_s.all.mean", "throughput 1/s"
    yield "goodput_per_s.all.mean", "goodput 1/s"
    yield "errors_count.all.total", "errors to the client"
    yield "unfinished_count.total", "unfinished"
    yield "stalls_count.total", "stalls"
    yield "saturated_from_s.first", "saturated from s"


def _latency() -> Iterator[tuple[str, str]]:
    for kind in KINDS:
        for share in _SHARES:
            yield f"latency_s.{kind}.{share}", f"{kind} {share} s"


def _bindings() -> Iterator[tuple[str, str]]:
    yield "attempts_per_binding_count.mean", "attempts a binding"
    yield "attempts_per_binding_count.max", "attempts, most"
    yield "driver_calls_count.bind_port.total", "bind_port calls"
    yield "give_ups_count.binding.total", "bindings given up"


def _retries(known: Sequence[str]) -> Iterator[tuple[str, str]]:
    yield "retries_count.inputs_changed.total", "retry: inputs changed"
    fixed = ("inputs_changed", "client_repeat", "conflict")
    kinds = sorted(name.split(".")[1] for name in known if name.startswith("retries_count."))
    for kind in [kind for kind in kinds if kind not in fixed][:_CONFLICTS_SHOWN]:
        yield f"retries_count.{kind}.total", f"retry: {kind.replace('_', ' ')}"
    yield "retries_count.conflict.total", "retry: all conflicts"
    yield "retries_count.client_repeat.total", "retry: client repeat"


def _lost() -> Iterator[tuple[str, str]]:
    for name in LOST_CLASSES:
        yield f"lost_bindings_count.{name}.total", f"lost: {name}"


def _transactions() -> Iterator[tuple[str, str]]:
    for share in (*_SHARES, "max"):
        yield f"hold_time_s.{share}", f"hold time {share} s"
    yield "hold_share_ratio.driver.mean", "hold share in drivers"
    for metric, words in (("lock_wait_s", "lock wait"), ("pool_wait_s", "pool wait")):
        for share in ("p95", "max"):
            yield f"{metric}.{share}", f"{words} {share} s"


def _windows() -> Iterator[tuple[str, str]]:
    for share in ("p50", "p95", "max"):
        yield f"unbound_window_s.{share}", f"unbound window {share} s"
    yield "double_owner_s.total", "double owner total s"
