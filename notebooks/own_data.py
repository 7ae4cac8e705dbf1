"""Makes the data of notebook 5, as if they had been measured: always the same, from a fixed seed.

`latencies.csv` has one line a remote call of bind_port, with the seconds that it took and how it ended, as an access
log has. `arrivals.csv` has the seconds at which ports were asked for and the tenant who did, as an API log has. Replace
both with your own.
"""

import csv
from pathlib import Path

import numpy as np

SEED = 2014
CALLS = 2000
ARRIVALS = 240
DAY_S = 60.0  # a compressed day: few arrivals, then many, then few


def write(folder: Path) -> None:
    """Writes both files into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    draws = np.random.default_rng(SEED)
    seconds = draws.lognormal(np.log(0.35), 0.62, CALLS)
    failed = draws.uniform(size=CALLS) < 0.02
    _write(
        folder / "latencies.csv", ["seconds", "status"], zip(seconds.round(4), np.where(failed, 503, 200), strict=True)
    )
    at_s = np.sort(DAY_S * draws.beta(3, 3, ARRIVALS)).round(3)
    tenants = draws.zipf(1.6, ARRIVALS) % 40
    _write(folder / "arrivals.csv", ["at_s", "tenant"], zip(at_s, tenants, strict=True))


def _write(path: Path, header: list[str], rows: object) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
