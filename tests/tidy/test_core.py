"""What the core may use.

import-linter keeps it from the simulator; this keeps it to the standard library and SQLAlchemy, and to the
clock, the locks and the threads that `core.runtime` hands it: any other hangs a simulation.
"""

import ast
import sys
from collections.abc import Iterator

from tests.tidy.source_tree import Source

ALLOWED = {"core", "sqlalchemy", *sys.stdlib_module_names}
OWN_CLOCK = {"sched", "time"}
OWN_THREADS = {"_thread", "asyncio", "concurrent", "multiprocessing", "queue", "selectors", "threading"}
OWN_CHANCE = {"random", "secrets"}


def _core(sources: list[Source]) -> list[Source]:
    return [source for source in sources if source.name.startswith("core/")]


def _imports(sources: list[Source], tops: set[str]) -> list[str]:
    return [
        f"{source.name}:{line} {name}"
        for source in sources
        for line, name in source.imported()
        if name.partition(".")[0] in tops
    ]


def _calls(source: Source, names: set[str]) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in names:
            yield f"{source.name}:{node.lineno} {ast.unparse(node.func)}"


def test_the_core_imports_the_standard_library_and_sqlalchemy_only(sources: list[Source]) -> None:
    core = _core(sources)
    used = {name.partition(".")[0] for source in core for _, name in source.imported()}
    assert _imports(core, used - ALLOWED) == []


def test_only_the_runtime_seam_has_a_clock_or_threads(sources: list[Source]) -> None:
    others = [source for source in _core(sources) if source.name != "core/runtime.py"]
    assert _imports(others, OWN_CLOCK | OWN_THREADS) == []


def test_only_the_runtime_seam_draws_or_makes_ids(sources: list[Source]) -> None:
    others = [source for source in _core(sources) if source.name != "core/runtime.py"]
    ids = [call for source in others for call in _calls(source, {"uuid.uuid1", "uuid.uuid4", "uuid4", "uuid1"})]
    assert _imports(others, OWN_CHANCE) + ids == []
