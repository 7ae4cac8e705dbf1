"""Summaries of checked runs made by hand, for tests of what is made of them."""

from sim.history.summary import Cause, CheckedProperty, CheckedRun, Explained
from sim.history.verdict import Word

EVIDENCE = (
    "    1.000000 s  operation 3 calls update_port port 7 " + '{"binding:host_id":"host-1"} ' * 4,
    "    2.500000 s  T17 (commit_binding of operation 2) committed: port 7 is now: revision 4",
)
SAYS = "T17 committed the binding for host-0; however, port 7 had moved to host-1 before. Nobody will mend it."


def cause(name: str, count: int, *, certain: bool = True) -> Cause:
    return Cause(name=name, certain=certain, count=count, examples=(Explained(EVIDENCE, SAYS),))


def verdict(
    name: str, *causes: Cause, promised: bool = True, checked: int = 10, unknown_because: str = ""
) -> CheckedProperty:
    word: Word = "unknown" if causes or unknown_because else "ok"
    word = "violated" if any(each.certain for each in causes) else word
    return CheckedProperty(
        name=name, promised=promised, word=word, checked=checked, unknown_because=unknown_because, causes=causes
    )


def checked_run(*properties: CheckedProperty, label: str = "deferred", replication: int = 0) -> CheckedRun:
    strategy = label.partition("#")[0]
    draw = replication + (10 if "#" in label else 0)
    return CheckedRun(label=label, replication=replication, strategy=strategy, seed=5, draw=draw, properties=properties)
