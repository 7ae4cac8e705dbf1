"""`python -m bench`: measures, prints a table, and ends with one line a target. Progress goes to standard error.

Exit status 0 when everything was measured, whatever the verdicts; with --strict 1 when a target was missed.
"""

import argparse
import sys
from collections.abc import Collection
from statistics import median

from bench import growth
from bench.comparison import Comparison
from bench.rounds import Placement, stay_on_one_core
from bench.sizes import FULL, QUICK, Sizes
from bench.table import comparison_table, growth_table, header, memory_table
from bench.verdicts import GROWTH, MEMORY, Verdict, versus_orm, versus_sqlite
from bench.workload import LIVE_PORTS


def main(arguments: list[str] | None = None) -> int:
    """Runs what was asked for; the exit status."""
    asked = _parser().parse_args(arguments)
    if asked.memory_of:
        print(growth.peak_gb_of_run(asked.memory_of, live_ports=asked.live_ports))
        return 0
    placement = stay_on_one_core()
    verdicts = _memory(FULL) if asked.million else _everything(QUICK if asked.quick else FULL, placement)
    print()
    for verdict in verdicts:
        print(verdict.line())
    return int(asked.strict and not all(verdict.reached for verdict in verdicts))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="What a simulated operation costs.")
    parser.add_argument("--quick", action="store_true", help="small runs, to see that it works; no figures to quote")
    parser.add_argument("--million", action="store_true", help="only the memory of 1,000,000 operations")
    parser.add_argument("--strict", action="store_true", help="exit status 1 when a target is missed")
    parser.add_argument("--memory-of", type=int, metavar="N", help="run N operations here and print the peak in GB")
    parser.add_argument("--live-ports", type=int, default=LIVE_PORTS, help=argparse.SUPPRESS)
    return parser


def _everything(sizes: Sizes, placement: Placement) -> list[Verdict]:
    """Ratios first, alone; then growth, and on other cores, if there are any, the memory run meanwhile."""
    print(header(sizes, placement.core))
    ratios = _ratios(sizes)
    if not placement.others:
        return [*ratios, *_growth(sizes), *_memory(sizes)]
    memory = _start_memory_run(sizes, placement.others)
    return [*ratios, *_growth(sizes), *_memory(sizes, memory)]


def _ratios(sizes: Sizes) -> list[Verdict]:
    comparison = Comparison(sizes.operations, live_ports=sizes.live_ports, progress=_progress)
    timings = comparison.measure(rounds=sizes.rounds)
    print(comparison_table(comparison.facts, timings))
    return [versus_sqlite(timings), versus_orm(timings)]


def _growth(sizes: Sizes) -> list[Verdict]:
    timings = growth.time_lengths(
        sizes.operations,
        sizes.long_operations,
        live_ports=sizes.live_ports,
        rounds=sizes.long_rounds,
        progress=_progress,
    )
    print(growth_table(sizes, timings))
    return [GROWTH.verdict(median(growth.growth_ratios(timings)))]


def _start_memory_run(sizes: Sizes, cores: Collection[int] = ()) -> growth.MemoryRun:
    _progress(f"a run of {sizes.memory_operations:,} operations in a process of its own")
    return growth.MemoryRun(sizes.memory_operations, live_ports=sizes.live_ports, cores=cores)


def _memory(sizes: Sizes, started: growth.MemoryRun | None = None) -> list[Verdict]:
    peak_gb = (started or _start_memory_run(sizes)).peak_gb()
    print(memory_table(sizes, peak_gb))
    return [MEMORY.verdict(peak_gb)]


def _progress(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
