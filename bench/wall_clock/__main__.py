"""`python -m bench.wall_clock`: measures on both servers, prints tables, and ends with one line a target.

Progress goes to standard error. Exit status 0 when everything was measured, whatever the verdicts; with --strict 1 when
a target was missed; 2 when a server cannot be had.
"""

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.wall_clock.comparison import Comparison
from bench.wall_clock.load import Shape
from bench.wall_clock.table import Measured, header, measured_table
from sim.servers import PRIVATE, ServerError, opened

FULL, FULL_ROUNDS = Shape(processes=2, threads=8, ports_a_thread=200), 7
QUICK, QUICK_ROUNDS = Shape(processes=2, threads=8, ports_a_thread=25), 3
DISKS = (False, True)


def main(arguments: list[str] | None = None) -> int:
    """Runs what was asked for; the exit status."""
    asked = _parser().parse_args(arguments)
    shape, rounds = (QUICK, QUICK_ROUNDS) if asked.quick else (FULL, FULL_ROUNDS)
    print(header(shape, rounds))
    verdicts = []
    for kind in asked.database or PRIVATE:
        for durable in DISKS:
            try:
                found = _measured(kind, shape, rounds, durable=durable)
            except ServerError as error:
                print(f"bench: {error}", file=sys.stderr)
                return 2
            print(measured_table(found, shape), flush=True)
            verdicts.append(found.verdict())
    for verdict in verdicts:
        print(verdict.line())
    return int(asked.strict and not all(verdict.reached for verdict in verdicts))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.wall_clock", description="What the wall-clock engine costs.")
    parser.add_argument("--quick", action="store_true", help="small runs, to see that it works; no figures to quote")
    parser.add_argument("--strict", action="store_true", help="exit status 1 when a target is missed")
    parser.add_argument("--database", choices=PRIVATE, action="append", help="one server instead of all")
    return parser


def _measured(kind: str, shape: Shape, rounds: int, *, durable: bool) -> Measured:
    _progress(f"starting {kind}, which {'waits' if durable else 'does not wait'} for the disk")
    with opened(kind, durable=durable) as database, TemporaryDirectory(prefix="bindsim-bench-") as folder:
        comparison = Comparison(database, shape, Path(folder), progress=_progress)
        return Measured(
            kind, database.version, durable, comparison.statements, comparison.transactions,
            comparison.measure(rounds=rounds),
        )  # fmt: skip


def _progress(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
