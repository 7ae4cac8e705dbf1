"""Prints how a checker that knows no instants of commits does: python -m tests.sim.history.measure_blurred [RUNS]

Runs of the soak, of the right core and of every defective one, are checked as they were recorded and blurred
(tests.sim.history.blurred); then with one stale answer or read in each.
"""

import sys
from collections.abc import Iterator

from core.binding.promises import AGREEMENT, ANSWERS, ISOLATION, PROPERTIES
from sim.history import UNKNOWN, VIOLATED
from tests.planted_bugs.bugs import BUGS
from tests.sim.history.stale import stale_answer, stale_read
from tests.sim.history.test_blurred import Words, compared, played, staled

RUNS = 1_500  # of the right core; of each defective one a tenth


def lines(words: Words) -> Iterator[str]:
    """What became of the words of exact histories, by property."""
    for name in PROPERTIES:
        here = {each[1:]: count for each, count in words.items() if each[0] == name}
        if here:
            wrong = sum(count for (exact, _), count in here.items() if exact == VIOLATED)
            found = here.get((VIOLATED, VIOLATED), 0)
            accused = sum(count for (exact, said), count in here.items() if said == VIOLATED != exact)
            unsure = sum(count for (exact, said), count in here.items() if said == UNKNOWN != exact)
            yield f"  {name}: violated {wrong}, found {found}; wrongly accused {accused}; made unknown {unsure}"


def main(runs: int) -> None:
    right = compared(played(runs, seed=1))
    print(f"{runs} runs of the right core", *lines(right), sep="\n")
    bugs: Words = Words()
    for bug in BUGS:
        with bug.planted():
            bugs += compared(played(runs // 10, seed=1), *(name for name in PROPERTIES if name != AGREEMENT))
    print(f"{len(BUGS)} defective cores, {runs // 10} runs each", *lines(bugs), sep="\n")
    for make, name in ((stale_answer, ANSWERS), (stale_read, ISOLATION)):
        words = compared(staled(make, played(runs, seed=3)), name)
        print(f"{words.total()} runs with a {make.__name__.replace('_', ' ')}", *lines(words), sep="\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS)
