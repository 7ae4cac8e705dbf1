"""The options and arguments that several commands share, each with its help text.

The modules of sim.cli.commands use them. Nothing here is computed.
"""

from pathlib import Path
from typing import Annotated

import typer

Name = Annotated[str, typer.Argument(metavar="SCENARIO", help="A file, or the name of a shipped scenario.")]
Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="SCENARIO", help="Files or names; none: the standard comparison and its map."),
]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Change a value, such as topology.tenants=10; repeatable."),
]
Seed = Annotated[int, typer.Option("--seed", metavar="N", min=0, max=2**63 - 1, help="The one seed of all draws.")]
Output = Annotated[
    Path | None, typer.Option("--output", metavar="DIR", help="Where results go; default: under results/local.")
]
Force = Annotated[bool, typer.Option("--force", help="Replace a different result that is there already.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Strategy = Annotated[
    str | None, typer.Option("--strategy", metavar="NAME", help="Which one; default: the scenario's first.")
]
Strategies = Annotated[
    str | None,
    typer.Option("--strategies", metavar="A,B,...", help="Which ones; the first is what others are compared with."),
]
Replications = Annotated[
    int | None,
    typer.Option(
        "--replications", metavar="N", min=1, max=100_000, show_default=False,
        help="Replications of each strategy; default: 10, for run 1.",
    ),
]  # fmt: skip
PrecisionShare = Annotated[
    float | None,
    typer.Option(
        "--precision", metavar="P",
        help="Run as many as it takes for intervals of at most +-P of their means, or the metrics' floors.",
    ),
]  # fmt: skip
PrecisionOf = Annotated[
    list[str] | None,
    typer.Option(
        "--precision-of", metavar="METRIC",
        help="Of which metric; repeatable. Default: the primary metric and those of the thresholds.",
    ),
]  # fmt: skip
Most = Annotated[
    int | None,
    typer.Option(
        "--most", metavar="N", max=100_000, help="At most so many replications for --precision; default: 200."
    ),
]
Slo = Annotated[
    list[str] | None,
    typer.Option("--slo", metavar="OBJECTIVE", help='Such as "latency_s.all.p95 < 5"; repeatable.'),
]
Judge = Annotated[
    str | None, typer.Option("--judge", metavar="NAME", help="Whose objectives set the exit status; default: the last.")
]
Junit = Annotated[
    Path | None, typer.Option("--junit", metavar="FILE", help="Write the objectives' answers for a CI system too.")
]
Pooled = Annotated[
    bool, typer.Option("--pooled", help="Print quantiles of all replications' operations together as well.")
]
Workers = Annotated[
    int | None, typer.Option("--workers", metavar="N", min=1, max=1024, help="Worker processes; default: all cores.")
]

History = Annotated[bool, typer.Option("--history", help="Keep with the results what `bindsim verify` checks.")]
Verify = Annotated[bool, typer.Option("--verify", help="Check what the strategies promise; see bindsim properties.")]
Replication = Annotated[
    int, typer.Option("--replication", metavar="N", min=0, max=2**31 - 1, help="Which replication of a comparison.")
]
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="A result that was made with --history.")]
Result = Annotated[Path, typer.Argument(metavar="DIR", help="A result folder.")]

EngineName = Annotated[
    str, typer.Option("--engine", metavar="NAME", help="virtual, or wall: in real time on the --database.")
]
DatabaseName = Annotated[
    str | None,
    typer.Option(
        "--database", metavar="URL", show_default=False,
        help="postgresql or mariadb (a server of our own), or a SQLAlchemy URL.",
    ),
]  # fmt: skip
StorageName = Annotated[
    str | None,
    typer.Option(
        "--storage", metavar="URL", show_default=False,
        help="Hold the rows of a virtual run in a real postgresql or mariadb, which must never wait.",
    ),
]  # fmt: skip
Duration = Annotated[
    float | None,
    typer.Option("--duration", metavar="S", help="How long the load lasts, s; default: as the file says."),
]
TimeScale = Annotated[
    float, typer.Option("--time-scale", metavar="F", help="Multiply all modelled times; 0.1: ten times as fast.")
]
