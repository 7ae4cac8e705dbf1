"""How a result was made: command, seed, commit, packages, and the scenario with its sources.

The scenario is shown as its file says it, comments and sources included, where the file is still there and still gives
the scenario that was run; else as the manifest has it, with every default. Wall-clock readings stay in the manifest.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import yaml

from sim.experiment.comparing import choose_strategies
from sim.report.page.blocks import Block, HowBlock
from sim.scenario import ScenarioError, find, load_scenario, scenario_hash

if TYPE_CHECKING:
    from sim.results import LoadedRun


def how_block(result: "LoadedRun") -> Block:
    """The last block of every page."""
    text, title = _scenario(result)
    return HowBlock(
        anchor="how", title="How it was made", command=str(result.manifest.get("command") or ""),
        facts=tuple(_facts(result.manifest)), scenario=text, scenario_title=title,
    )  # fmt: skip


def _facts(manifest: dict[str, Any]) -> Iterator[tuple[str, str]]:
    run = manifest["run"]
    yield "scenario", f"{run['scenario']}, hash {run['scenario_hash']}"
    yield "seed", str(run["seed"])
    yield "replications", _replications(run)
    yield "strategies", ", ".join(run["strategies"])
    yield "commit", str(manifest.get("commit") or "not known: made outside a checkout")
    packages = manifest.get("packages", {})
    yield "packages", ", ".join(f"{name} {version}" for name, version in packages.items())


def _replications(run: dict[str, Any]) -> str:
    if run["replications"] is None:
        return "as many as the precision that was asked for needs"
    first = run.get("first_replication") or 0
    return f"{run['replications']} of each strategy{f', from number {first} on' if first else ''}"


def _scenario(result: "LoadedRun") -> tuple[str, str]:
    name, *options = result.origin
    run = result.manifest["run"]
    text = _file_text(name, options[1::2], run)
    if text is not None:
        changes = f", changed by {' '.join(options)}" if options else ""
        return text, f"The scenario with its sources{changes}"
    resolved = yaml.safe_dump(result.manifest["scenario"], sort_keys=False, allow_unicode=True, width=100)
    return resolved, "The scenario with all defaults filled in"


def _file_text(name: str, overrides: Sequence[str], run: dict[str, Any]) -> str | None:
    """The file's text; None when it is not there any more or says something else now."""
    try:
        scenario, _ = choose_strategies(load_scenario(name, overrides), run["strategies"])
        if scenario_hash(scenario) != run["scenario_hash"]:
            return None
        return find(name).read_text(encoding="utf-8")
    except (ScenarioError, OSError, ValueError):
        return None
