"""The soak: thousands of small faulty runs, each drawn, played and checked, and what fails shrunk. The only door.

    result = soak(SoakSettings(runs=2000, jobs=2))

`bindsim soak` calls it. A *case* is a scenario file's content, a strategy in it and a seed; whatever a run does follows
from its case.
"""

from sim.soak.campaign import OnProgress, Reading, SoakResult, SoakSettings, soak
from sim.soak.case import Case
from sim.soak.coverage import LINES
from sim.soak.drawing import draw_case
from sim.soak.play import Played, play
from sim.soak.shrinking import Shrunk, shrink
from sim.soak.tally import Group, Key, Tally

__all__ = [
    "LINES",
    "Case",
    "Group",
    "Key",
    "OnProgress",
    "Played",
    "Reading",
    "Shrunk",
    "SoakResult",
    "SoakSettings",
    "Tally",
    "draw_case",
    "play",
    "shrink",
    "soak",
]
